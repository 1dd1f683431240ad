# An image that a site adds to ours, without a Dockerfile of its own: see images/added.py.
# images/build.py names the parent, the image, the version and the host's secrets.
ARG PARENT=lifedesk/base

# The installer. Nothing of this stage stays.
FROM ${PARENT} AS tools
USER root
COPY requirements/uv.txt /src/requirements/uv.txt
RUN --mount=type=secret,id=host --mount=type=secret,id=ca --mount=type=cache,target=/root/.cache/pip \
    . /run/secrets/host \
    && pip install --require-hashes --target /opt/tools -r /src/requirements/uv.txt

FROM ${PARENT}
USER root
ARG NAME
# Wheels only, and just those that are locked: no package's own build code runs here.
RUN --mount=type=bind,from=tools,source=/opt/tools,target=/run/tools \
    --mount=type=bind,source=environment/requirements.txt,target=/run/requirements.txt \
    --mount=type=secret,id=host --mount=type=secret,id=ca \
    --mount=type=cache,target=/run/cache \
    . /run/secrets/host \
    && export PATH=/run/tools/bin:$PATH UV_CACHE_DIR=/run/cache UV_LINK_MODE=copy \
    && uv pip install --python /opt/venv --require-hashes --no-deps --only-binary :all: --compile-bytecode \
        -r /run/requirements.txt \
    && uv pip check --python /opt/venv
RUN python /opt/lifedesk/software_list.py "${NAME}" > /opt/lifedesk/software.json \
    && /opt/lifedesk/build/own-packages "${NAME}" \
    && rm -rf /opt/venv/.lock /run/* /root/.cache /tmp/*
USER jovyan
