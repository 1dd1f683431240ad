"""The command of every session, `lifedesk-singleuser`: JupyterHub's single-user server, ready sooner.

What it does before it hands over to `jupyterhub.singleuser`:

- numerical libraries get as many threads as the session has processors (`CPU_LIMIT`, set by the hub), not
  as many as the machine has; Java gets half of its memory (`MEM_LIMIT`);
- run-time files (the cookie secret, the kernels' sockets) go to /tmp, so that a full home stops nothing;
- terminals and kernels learn where the packages of one's own are;
- the notebooks of the image are copied to the home when they are not there;
- what the server imports but never uses in a session is not loaded (see `_without_unused_modules`).

Plain `jupyterhub-singleuser` in the same image still is the stock command.
"""

from __future__ import annotations

import gc
import logging
import math
import os
import shutil
import sys
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType

from lifedesk_lab.environments.places import show_to_session, this_image
from lifedesk_lab.hub_requests import fetch

NOTEBOOKS = Path("/opt/lifedesk/notebooks")
RUNTIME_DIR = Path("/tmp/jupyter-runtime")
STOCK_COMMAND = "jupyterhub-singleuser"
THREAD_VARIABLES = (
    "PYTHON_CPU_COUNT",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "NUMEXPR_MAX_THREADS",
    "RAYON_NUM_THREADS",
    "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS",
    "DASK_NUM_WORKERS",
    "LP_NUM_THREADS",  # OpenGL in software (llvmpipe)
)
SERVER_OPTIONS = (
    # Language servers are not in the images, and the classic notebook's pages are not offered.
    "--ServerApp.jpserver_extensions=jupyter_lsp=False",
    "--ServerApp.jpserver_extensions=notebook_shim=False",
    # The image is read-only: extensions come with it.
    "--LabApp.extension_manager=readonly",
    # The server and its kernels talk through files in the run-time folder, not through ports.
    "--KernelManager.transport=ipc",
)

log = logging.getLogger("lifedesk_singleuser")


def limit_threads(environment: MutableMapping[str, str]) -> None:
    """Set the thread counts of `THREAD_VARIABLES` from `CPU_LIMIT`, where nobody has chosen them."""
    try:
        processors = max(1, math.ceil(float(environment["CPU_LIMIT"])))
    except (KeyError, ValueError, OverflowError):
        return
    for name in THREAD_VARIABLES:
        environment.setdefault(name, str(processors))


def limit_java_heap(environment: MutableMapping[str, str]) -> None:
    """Let Java take half of `MEM_LIMIT` (bytes, set by the hub), where nobody has chosen; some programs would take
    their share of the whole machine."""
    try:
        megabytes = int(environment["MEM_LIMIT"]) // 2**21
    except (KeyError, ValueError):
        return
    environment.setdefault("JAVA_TOOL_OPTIONS", f"-Xmx{megabytes}m")


def use_runtime_dir(environment: MutableMapping[str, str], folder: Path = RUNTIME_DIR) -> None:
    """Point `JUPYTER_RUNTIME_DIR` to `folder`, private to the user, unless it is set or cannot be made."""
    if "JUPYTER_RUNTIME_DIR" in environment:
        return
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        log.warning("Run-time files go to the home directory: %s could not be made (%s).", folder, error)
    else:
        environment["JUPYTER_RUNTIME_DIR"] = str(folder)


def copy_notebooks(source: Path, home: Path) -> None:
    """Copy each folder of `source` that is not in `home`, whole or not at all; what is there stays.

    A home that is full or read-only is a line in the log: the server is more than its notebooks.
    """
    folders = sorted(folder for folder in source.iterdir() if folder.is_dir()) if source.is_dir() else []
    for folder in folders:
        target, unfinished = home / folder.name, home / f".{folder.name}.unfinished"
        if os.path.lexists(target):
            continue
        try:
            if unfinished.exists():
                shutil.rmtree(unfinished)  # the container was stopped in mid-copy
            shutil.copytree(folder, unfinished, copy_function=shutil.copyfile)
            unfinished.rename(target)
        except (OSError, shutil.Error) as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            log.warning("The notebooks %r were not copied to the home directory: %s", folder.name, error)


def options_besides(given: Sequence[str]) -> list[str]:
    """Those of `SERVER_OPTIONS` that are not `given` to the command: what is given wins, twice is an error."""
    names = {option.partition("=")[0] for option in given}
    return [option for option in SERVER_OPTIONS if option.partition("=")[0] not in names]


class _Later(ModuleType):
    """Stands for a module that is loaded when somebody asks it for something it was not given here."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__") or sys.modules.get(self.__name__) is self:
            raise AttributeError(name)
        return getattr(import_module(self.__name__), name)


class _NeverServed:
    """For `isinstance(handler, HealthCheckHandler)`: that page is the hub's, a session has none."""


class _NeverRaised(Exception):
    """For `except SQLAlchemyError`: a session has no database."""


def _called_later(module: str, names: Sequence[str]) -> dict[str, object]:
    """Functions and classes of that module by name: it is loaded when one of them is called for the first time."""

    def stand_in(name: str) -> Callable[..., object]:
        def call(*arguments: object, **options: object) -> object:
            result: object = getattr(import_module(module), name)(*arguments, **options)
            return result

        return call

    return {name: stand_in(name) for name in names}


# Modules that others import at their top, and what they are asked for at once; all else is loaded when it is used.
_UNUSED: dict[str, dict[str, object]] = {
    # jupyterhub.singleuser shares modules with the hub, which import the hub's pages and its database. In a session
    # nothing of that runs; it is a quarter of the start and a third of the server's memory.
    "jupyterhub.handlers": {},
    "jupyterhub.handlers.pages": {"HealthCheckHandler": _NeverServed},
    "jupyterhub.orm": {},
    "sqlalchemy": {"func": None},
    "sqlalchemy.exc": {"SQLAlchemyError": _NeverRaised},
    # The hub is asked with tornado. aiohttp is loaded when a program that listens on a unix socket is proxied, psutil
    # when memory is measured. A sixth of the rest.
    "jupyterhub.httpclient": {"fetch": fetch},
    "aiohttp": {},
    "psutil": {},
    # For lists of forbidden extensions that a site may name; for a gateway to kernels on other machines; for installing
    # extensions. A seventh of the rest.
    "requests": {},
    "websocket": {},
    "jupyterlab.extensions.pypi": _called_later("jupyterlab.extensions.pypi", ["PyPIExtensionManager"]),
}
_STARTED = (
    "jupyterhub.singleuser",
    "jupyterlab.labapp",
    "jupyter_server_proxy",
    "jupyter_resource_usage.server_extension",
)
"""What the server is made of and what imports the `_UNUSED` modules."""


@contextmanager
def _without_unused_modules() -> Iterator[None]:
    """While this lasts, importing one of the `_UNUSED` modules gives a stand-in; afterwards the real one."""
    for name, known in _UNUSED.items():
        stand_in = _Later(name)
        stand_in.__path__ = []
        vars(stand_in).update(known)
        sys.modules[name] = stand_in
    try:
        yield
    finally:
        for name in _UNUSED:
            del sys.modules[name]
            parent, _, child = name.rpartition(".")
            if parent in sys.modules and child in vars(sys.modules[parent]):
                delattr(sys.modules[parent], child)


# Packages that others try to import and do without when they cannot.
_DISPENSABLE = (
    # jsonschema checks "iri", "uri" and "duration" formats with these, which Jupyter's event schemas do not have. The
    # first compiles a grammar for 0.7 s, the second large regular expressions.
    # https://github.com/python-jsonschema/jsonschema/blob/v4.26.0/jsonschema/_format.py
    "rfc3987_syntax",
    "rfc3986_validator",
    "isoduration",
    # The command line of httpx, with all of rich and click. https://github.com/encode/httpx/blob/0.28.1/httpx/__init__.py
    "httpx._main",
)


def _single_user_main() -> Callable[[], None]:
    """The stock command's `main`, imported without what it does not need."""
    sys.modules.update(dict.fromkeys(_DISPENSABLE))  # type: ignore[arg-type]
    try:
        with _without_unused_modules():
            main, *_ = [import_module(name) for name in _STARTED]
    except (ImportError, AttributeError) as error:
        log.warning("Starting the slow way, this jupyterhub imports other modules than expected: %s", error)
        return _stock_command
    start: Callable[[], None] = main.main
    return start


def _stock_command() -> None:
    """Become the stock command: what is half imported with stand-ins cannot be repaired."""
    os.execvp(STOCK_COMMAND, [STOCK_COMMAND, *sys.argv[1:]])


def main() -> None:
    """Prepare the session, then be the single-user server until it is stopped."""
    home = Path.home()
    limit_threads(os.environ)
    limit_java_heap(os.environ)
    use_runtime_dir(os.environ)
    show_to_session(os.environ, this_image())
    copy_notebooks(NOTEBOOKS, home)
    try:
        os.chdir(home)
    except OSError as error:
        raise SystemExit(
            f"The home directory cannot be entered: {error}. It must belong to user {os.getuid()}."
        ) from error
    gc.disable()  # nothing of what is imported becomes garbage: looking for it would be a twelfth of the start
    start = _single_user_main()
    gc.freeze()
    gc.enable()
    sys.argv[1:1] = options_besides(sys.argv[1:])
    start()
