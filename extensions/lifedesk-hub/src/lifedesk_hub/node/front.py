"""The front web server: nginx before the proxy.

It serves JupyterLab's own files (see `assets`) to everybody's browser from one place, compressed and kept by browsers
for good, and compresses what sessions answer. All else goes on to the proxy as it came: nothing is held back, cut
short or given a time limit, and no header is added, so that the proxy and the hub see what they would see without it.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
from urllib.parse import urlsplit

from lifedesk_hub.deployment import Deployment
from lifedesk_hub.node.assets import CURRENT, EXTENSION_FILE, LAB_FILE
from lifedesk_hub.node.state import State, write_whole
from lifedesk_hub.pages import PROXY_ERRORS_FOLDER

SERVED_BY = "lifedesk-front"
"""Value of the header `X-Served-By` on every file that did not come from a person's server."""

_CONFIGURATION = """\
# Written by ./lifedesk up: changes made here are lost.
daemon off;
# One process, which is supervisord's to start again: workers would outlive a master that was killed, on its port.
master_process off;
pid "{folder}/nginx.pid";
# What is less grave names whole addresses, which may hold a login's code; the proxy's log tells the same without.
error_log stderr crit;

events {{
    worker_connections 8192;
}}

http {{
    access_log off;
    server_tokens off;
    client_body_temp_path "{folder}/body";
    proxy_temp_path "{folder}/proxy";
    fastcgi_temp_path "{folder}/fastcgi";
    scgi_temp_path "{folder}/scgi";
    uwsgi_temp_path "{folder}/uwsgi";

    default_type application/octet-stream;
    types {{
        text/css css;
        text/html html;
        text/javascript js;
        application/json json;
        application/vnd.ms-fontobject eot;
        application/wasm wasm;
        font/ttf ttf;
        font/woff woff;
        font/woff2 woff2;
        image/gif gif;
        image/jpeg jpg;
        image/png png;
        image/svg+xml svg;
    }}
    sendfile on;
    tcp_nopush on;
    gzip_vary on;
    gzip_proxied any;
    gzip_min_length 1024;
    gzip_types application/json application/javascript text/javascript text/css image/svg+xml;

    # As open as the proxy itself: any size, any header, and hours of silence on a kernel's or a desktop's connection.
    client_max_body_size 0;
    client_body_timeout 1h;
    send_timeout 1h;
    large_client_header_buffers 8 16k;
    underscores_in_headers on;
    ignore_invalid_headers off;
    proxy_http_version 1.1;
    proxy_request_buffering off;
    proxy_buffering off;
    proxy_buffer_size 32k;
    proxy_buffers 4 32k;
    proxy_read_timeout 7d;
    proxy_send_timeout 7d;
    proxy_socket_keepalive on;
    proxy_redirect off;
    proxy_pass_header Server;
    proxy_pass_header Date;
    # nginx takes orders from the answers of what is behind it. Behind it are sessions, which give none.
    proxy_ignore_headers X-Accel-Redirect X-Accel-Expires X-Accel-Limit-Rate X-Accel-Buffering X-Accel-Charset;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_wanted;

    map $http_upgrade $connection_wanted {{
        default upgrade;
        "" "";
    }}

    upstream proxy {{
        server {proxy};
        keepalive 32;
        keepalive_timeout 3s;  # the proxy itself hangs up after 5 s
    }}

    server {{
        listen {public} so_keepalive=on;
        error_page 502 504 =503 @no_answer;

        location / {{
            proxy_pass http://proxy;
        }}

        # What sessions answer holds no secret of the hub's. The hub's own pages do, and stay uncompressed, so that
        # their length says nothing about it (BREACH); its style sheets and scripts do not.
        location {prefix}/user/ {{
            gzip on;
            proxy_pass http://proxy;
        }}

        location {prefix}/hub/static/ {{
            gzip on;
            proxy_pass http://proxy;
        }}

        location ~ "^{pattern}/user/[^/]+/static/lab/(?<file>{lab_file})$" {{
{headers}
            try_files /lab/$file @proxy;
        }}

        location ~ "^{pattern}/user/[^/]+/lab/extensions/(?<file>{extension_file})$" {{
{headers}
            try_files /extensions/$file @proxy;
        }}

        location @proxy {{
            gzip on;
            proxy_pass http://proxy;
        }}

        location @no_answer {{
            root "{errors}";
            try_files /error.html =503;
        }}
    }}
}}
"""
_HEADERS = f"""\
            root "{{assets}}";
            gzip on;
            gzip_static on;
            add_header Cache-Control "public, max-age=31536000, immutable";
            add_header X-Content-Type-Options nosniff;
            add_header X-Served-By {SERVED_BY};"""


def configuration(deployment: Deployment) -> str:
    """The nginx configuration of that deployment. Holds no secret."""
    public, state = urlsplit(deployment.proxy_bind_url), State(deployment.state)
    return _CONFIGURATION.format(
        folder=state.front,
        public=public.netloc,
        proxy=urlsplit(str(deployment.proxy_url)).netloc,
        prefix=public.path,
        pattern=re.escape(public.path),
        lab_file=LAB_FILE,
        extension_file=EXTENSION_FILE,
        headers=_HEADERS.format(assets=state.assets / CURRENT),
        errors=PROXY_ERRORS_FOLDER,
    )


def write_configuration(deployment: Deployment) -> None:
    """Put the configuration where `command` has nginx read it. Raises `OSError`."""
    write_whole(State(deployment.state).front / "nginx.conf", configuration(deployment))


def command(deployment: Deployment) -> tuple[str, ...]:
    """The command that runs nginx for that deployment, in the foreground."""
    folder = State(deployment.state).front
    nginx = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") or "nginx"
    run = shlex.join((nginx, "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")))
    # As many connections as the system allows: nginx raises this limit for its workers only, and has none here.
    return ("/bin/sh", "-c", f'ulimit -Sn "$(ulimit -Hn)"; exec {run}')
