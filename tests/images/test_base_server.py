"""The server of every image, started as the hub starts it and asked over HTTP."""

from __future__ import annotations

import json
import re

import docker
import httpx
import pytest

from lifedesk_hub import singleuser
from tests.images.session import Hub, home_volume, images_on, run, server
from tests.support.waiting import wait_until

STOCK = "jupyterhub-singleuser"


@pytest.fixture(params=images_on("base"))
def tag(request: pytest.FixtureRequest, image_tags: dict[str, str]) -> str:
    return image_tags[request.param]


@pytest.fixture
def base_tag(image_tags: dict[str, str]) -> str:
    return image_tags["base"]


def test_jupyterlab_answers_its_user_and_nobody_else(
    docker_engine: docker.DockerClient, tag: str, hub: Hub, home: str
) -> None:
    with server(docker_engine, tag, hub, home) as session:
        assert "<title>JupyterLab</title>" in session.get("/lab").text
        assert httpx.get(f"{session.url}/api/contents").status_code == 403
        sent_to_log_in = httpx.get(f"{session.url}/lab")
        assert sent_to_log_in.status_code == 302
        assert "/hub/api/oauth2/authorize" in sent_to_log_in.headers["Location"]
        cookie = sent_to_log_in.headers["Set-Cookie"]
        assert "Path=/user/ada/" in cookie
        assert "Starting the slow way" not in session.log()
        assert "Traceback" not in session.log()


def test_the_session_cookie_is_the_same_as_the_stock_server_sets(
    docker_engine: docker.DockerClient, base_tag: str, hub: Hub
) -> None:
    attributes = []
    for command in (singleuser.COMMAND[0], STOCK):
        with home_volume(docker_engine) as home, server(docker_engine, base_tag, hub, home, command) as session:
            answer = httpx.get(f"{session.url}/lab")
            cookies = answer.headers.get_list("Set-Cookie")
            attributes.append([(cookie.partition("=")[0], _attributes(cookie)) for cookie in cookies])
    assert attributes[0] == attributes[1]
    assert attributes[0]


def test_what_a_start_leaves_out_is_there_for_those_who_ask_for_it(
    docker_engine: docker.DockerClient, base_tag: str, hub: Hub, home: str
) -> None:
    launcher, manager = [singleuser.COMMAND[0]], "--LabApp.extension_manager=pypi"
    with server(docker_engine, base_tag, hub, home, manager, entrypoint=launcher) as session:
        page = session.get("/lab").text
        found = re.search(r'"extensionManager": {[^}]*}', page)
        assert found
        assert '"PyPI"' in found[0]
        assert "Starting the slow way" not in session.log()
        assert "Traceback" not in session.log()


def test_a_kernel_runs_with_the_threads_of_its_session(
    docker_engine: docker.DockerClient, tag: str, hub: Hub, home: str
) -> None:
    with server(docker_engine, tag, hub, home) as session:
        environment = json.loads(session.execute("import json, os; print(json.dumps(dict(os.environ)))"))
        assert environment["OMP_NUM_THREADS"] == environment["PYTHON_CPU_COUNT"] == "2"
        assert session.execute("import os; print(os.cpu_count(), os.getcwd())") == f"2 {singleuser.HOME}\n"
        # From outside the container only the server can be reached. (7F ends a loopback address in /proc.)
        rows = [line.split() for line in session.shell("cat /proc/net/tcp /proc/net/tcp6").splitlines()]
        listening = [row[1].split(":") for row in rows if row[3] == "0A"]
        assert {port for address, port in listening if address[-2:] != "7F"} == {f"{singleuser.PORT:04X}"}


def test_the_wanted_extensions_are_on_and_the_others_off(
    docker_engine: docker.DockerClient, base_tag: str, hub: Hub, home: str
) -> None:
    with server(docker_engine, base_tag, hub, home) as session:
        loaded = session.log()
        for extension in ("jupyterlab", "jupyter_resource_usage", "jupyter_server_terminals", "nbgitpuller"):
            assert f"{extension} | extension was successfully loaded" in loaded
        for extension in ("jupyter_lsp", "notebook_shim"):
            assert f"{extension} | extension was successfully" not in loaded
        assert session.post("/api/terminals", {}).status_code == 200
        used = session.get("/api/metrics/v1").json()
        assert used["limits"]["memory"]["rss"] == 2 * 1024**3
        settings = session.get("/lab/api/settings/@jupyterlab/apputils-extension:notification").json()
        assert settings["schema"]["properties"]["fetchNews"]["default"] == "false"
        page = session.get("/lab").text
        assert (
            json.loads(page.split('id="jupyter-config-data" type="application/json">')[1].split("</script>")[0])[
                "extensionManager"
            ]["can_install"]
            is False
        )


def test_the_notebooks_are_copied_at_the_first_start_and_left_alone_at_the_second(
    docker_engine: docker.DockerClient, base_tag: str, hub: Hub, home: str
) -> None:
    with server(docker_engine, base_tag, hub, home) as session:
        session.shell("diff -r /opt/lifedesk/notebooks/first-steps ~/first-steps")
        session.shell("echo mine > ~/first-steps/mine.txt")
    with server(docker_engine, base_tag, hub, home) as session:
        assert session.shell("cat ~/first-steps/mine.txt") == "mine\n"


@pytest.mark.parametrize("options", ["ro,uid=1000", "size=4k,uid=1000,mode=700"], ids=["read-only", "full"])
def test_a_home_that_takes_no_files_stops_neither_the_server_nor_its_kernels(
    docker_engine: docker.DockerClient, base_tag: str, hub: Hub, options: str
) -> None:
    tmpfs = {"/tmp": "size=512m", singleuser.HOME: options}
    with server(docker_engine, base_tag, hub, tmpfs=tmpfs) as session:
        assert "The notebooks 'first-steps' were not copied to the home directory" in session.log()
        assert session.shell("ls -A ~ | grep unfinished || true") == ""
        assert session.execute("print(6 * 7)") == "42\n"


def test_processes_that_programs_leave_behind_do_not_stay_as_zombies(
    docker_engine: docker.DockerClient, base_tag: str, hub: Hub, home: str
) -> None:
    with server(docker_engine, base_tag, hub, home) as session:
        orphan = session.shell("sleep 0.2 & echo $!").strip()
        wait_until(
            lambda: session.shell(f"[ -e /proc/{orphan} ] || echo gone") == "gone\n",
            f"process {orphan} is not buried",
            timeout_seconds=10,
        )


def test_a_session_that_is_stopped_ends_its_kernels_and_then_itself(
    docker_engine: docker.DockerClient, base_tag: str, hub: Hub, home: str
) -> None:
    with server(docker_engine, base_tag, hub, home) as session:
        session.execute("import atexit, pathlib; atexit.register(pathlib.Path('ended').touch)")
        session.container.stop(timeout=30)
        session.container.reload()
        assert session.container.attrs["State"]["ExitCode"] == 0
        assert "Shutting down 1 kernel" in session.log()
        assert run(docker_engine, base_tag, ["ls", f"{singleuser.HOME}/ended"], home)


def test_the_launcher_needs_little_more_than_half_of_the_stock_servers_processor_time(
    docker_engine: docker.DockerClient, base_tag: str, hub: Hub
) -> None:
    seconds: dict[str, list[float]] = {singleuser.COMMAND[0]: [], STOCK: []}
    for command in [*seconds] * 3:
        with home_volume(docker_engine) as home, server(docker_engine, base_tag, hub, home, command) as session:
            seconds[command].append(session.processor_seconds())
    ours, stock = (sorted(found)[1] for found in seconds.values())
    assert ours <= 0.55 * stock, seconds


def _attributes(cookie: str) -> list[str]:
    return sorted(part.strip() for part in cookie.split(";")[1:] if "expires" not in part.lower())
