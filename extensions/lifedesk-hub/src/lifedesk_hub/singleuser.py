"""The contract with a session: what the hub side and the images agree on. tests/contracts holds both to it."""

from __future__ import annotations

USER = "jovyan"
USER_ID = 1000
GROUP_ID = 1000
HOME = "/home/jovyan"
"""The person's own folder, on a volume that survives the session."""
PORT = 8888
COMMAND = ("lifedesk-singleuser",)
"""Launcher of the single-user server in every image."""
SITE_ARCHIVE = "/data/site"
"""The node's own data sets, read-only."""
ARCHIVES_VARIABLE = "LIFEDESK_ARCHIVES"
"""JSON object: archive name → settings, read by `lifedesk_catalogue`."""
CLIPBOARD_VARIABLE = "LIFEDESK_CLIPBOARD"
"""Directions in which the desktop's clipboard works, with commas between: `in` and `out`; empty for neither."""
GPU_VARIABLES = {"NVIDIA_DRIVER_CAPABILITIES": "compute,graphics,utility"}
"""What NVIDIA's container toolkit puts into a session that gets GPUs: CUDA, OpenGL and nvidia-smi."""
DEFAULT_URLS = {"lab": "/lab", "desktop": "/desktop/"}
"""Interface → the page below a session's address that it opens with."""
RESERVED_TARGETS = (
    "/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/opt", "/proc", "/run", "/sbin", "/sys", "/tmp", "/usr", "/var",
)  # fmt: skip
"""Folders of the image that no mount may cover."""
