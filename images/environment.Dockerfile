# An image that a site adds to ours, without a Dockerfile of its own: see images/added.py.
# images/build.py names the parent, the image, the version and the host's secrets.
ARG PARENT=lifedesk/base
FROM ${PARENT}
USER root
ARG NAME
ARG VERSION
# Wheels only, and just those that are locked: no package's own build code runs here.
RUN --mount=type=bind,source=environment/requirements.txt,target=/run/requirements.txt \
    --mount=type=secret,id=host --mount=type=secret,id=ca --mount=type=cache,target=/run/cache \
    /opt/lifedesk/build/install-python "${NAME}" --no-deps --only-binary :all: \
    && pip check
COPY environment/requirements.in /opt/lifedesk/images/${NAME}/
RUN --mount=type=secret,id=host --mount=type=secret,id=ca --mount=type=cache,target=/run/cache \
    /opt/lifedesk/build/finish "${NAME}"
RUN /opt/lifedesk/build/clean
USER jovyan
