"""What is in the base image and in every image built on it, and what must not be."""

from __future__ import annotations

import json
import ssl
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import docker
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from images.base.build.sbom import normal
from images.host import ca_bundle
from images.plan import read_images, with_parents
from lifedesk_hub import singleuser
from tests.images.session import ROOT, file_in, images_on, run

IMPORTED = ("anywidget", "dask.array", "gemmi", "ipywidgets", "jupyterlab", "matplotlib.pyplot", "nbgitpuller",
            "jupyter_resource_usage", "lifedesk_catalogue", "rocrate", "tifffile", "zarr")  # fmt: skip
DEBIAN_PYTHON = "/usr/lib/python3/dist-packages"
DESKTOP_PAGE = "extensions/lifedesk-lab/desktop/package.json"
VERSIONS = """
import importlib.metadata, json, sys
print(json.dumps({name: importlib.metadata.version(name) for name in sys.argv[1:]}))
"""
NOT_COMPILED = """
import importlib.util, pathlib, sysconfig
for source in sorted(pathlib.Path(sysconfig.get_path("purelib")).rglob("*.py")):
    if not pathlib.Path(importlib.util.cache_from_source(source)).exists():
        try:
            compile(source.read_bytes(), source, "exec")
        except (SyntaxError, ValueError):
            continue  # a template or an example for another Python
        print(source)
"""
WITH_GIT = """
export HOME=/tmp GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
git config --global protocol.file.allow always
git init -q -b main /tmp/part && git -C /tmp/part commit -q --allow-empty -m "of the part"
git init -q -b main /tmp/whole && cd /tmp/whole && git submodule --quiet add /tmp/part part
git commit -q -m whole && git gc -q
git clone -q --recurse-submodules /tmp/whole /tmp/copy
git -C /tmp/copy/part log --format=%s
"""
WITH_PYTHON = """
import babel, dask.array, debugpy, jedi, matplotlib.pyplot, numpy.f2py, numpy.testing, sqlalchemy.orm
from PIL import features
names = {found.name for found in jedi.Interpreter("import numpy; numpy.arra", [{}]).complete()}
assert {"array", "array_equal"} <= names, names
assert any(found.name == "rglob" for found in jedi.Script("import pathlib; pathlib.Path().rg").complete())
assert babel.Locale("uk").get_display_name("de") == "Ukrainisch"
assert features.check("avif") and features.check("webp")
figure, axes = matplotlib.pyplot.subplots()
axes.set_title("$x^2$")
for kind in ("png", "svg", "pdf"):
    figure.savefig(f"/tmp/a.{kind}")
print("all there")
"""
DEBIAN_CERTIFICATES = """
import pathlib
def count(file):
    return file.read_text().count("BEGIN CERTIFICATE")
packaged = sum(count(file) for file in pathlib.Path("/usr/share/ca-certificates").rglob("*.crt"))
local = len(list(pathlib.Path("/usr/local/share/ca-certificates").rglob("*")))
print(count(pathlib.Path("/etc/ssl/certs/ca-certificates.crt")), packaged, local)
"""


@pytest.fixture(params=images_on("base"))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def tag(name: str, image_tags: dict[str, str]) -> str:
    return image_tags[name]


def find(engine: docker.DockerClient, tag: str, *expression: str) -> list[str]:
    """Paths in the image, its file system only, looked at by root."""
    words = ["find", "/", "-xdev", *expression]
    return run(engine, tag, words, user="0", tmpfs={}, cap_drop=[]).split()


def listed(engine: docker.DockerClient, tag: str, *options: str) -> list[dict[str, str]]:
    """The Python packages that pip finds, each with its name and version."""
    found: list[dict[str, str]] = json.loads(run(engine, tag, ["pip", "list", "--format", "json", *options]))
    return found


def test_the_user_is_the_one_of_the_contract(docker_engine: docker.DockerClient, tag: str) -> None:
    told = run(docker_engine, tag, ["sh", "-c", "id -un; id -u; id -g; echo $HOME; pwd"]).split()
    assert told == [singleuser.USER, str(singleuser.USER_ID), str(singleuser.GROUP_ID), *[singleuser.HOME] * 2]
    assert docker_engine.images.get(tag).attrs["Config"]["Cmd"] == list(singleuser.COMMAND)
    assert f"{singleuser.PORT}/tcp" in docker_engine.images.get(tag).attrs["Config"]["ExposedPorts"]


def test_the_promised_packages_have_the_locked_versions(
    docker_engine: docker.DockerClient, name: str, tag: str
) -> None:
    promised = json.loads(read_images(ROOT)[name].labels["eu.lifedesk.software"])
    assert json.loads(run(docker_engine, tag, ["python", "-c", VERSIONS, *promised])) == promised


def test_the_promised_packages_can_be_imported(docker_engine: docker.DockerClient, tag: str, home: str) -> None:
    assert run(docker_engine, tag, ["python", "-W", "error", "-c", f"import {', '.join(IMPORTED)}"], home) == ""


@pytest.mark.parametrize(
    "command",
    ["git --version", "jupyter lab --version", "jupyterhub-singleuser --version", "less --version", "nano --version",
     "lifedesk-apps list", "lifedesk-catalogue --help", "pip --version", "ps --version", "python3 --version",
     "ssh -V", "unzip -v", "xz --version", "bzip2 --help"],
)  # fmt: skip
def test_the_commands_people_type_are_there(
    docker_engine: docker.DockerClient, tag: str, home: str, command: str
) -> None:
    run(docker_engine, tag, command.split(), home)


def test_what_is_left_out_is_not_missed(docker_engine: docker.DockerClient, tag: str, home: str) -> None:
    """Features that stand on packages of which slim.txt takes a part."""
    assert run(docker_engine, tag, ["sh", "-euc", WITH_GIT], home) == "of the part\n"
    assert run(docker_engine, tag, ["python", "-c", WITH_PYTHON], home) == "all there\n"


def test_hub_and_image_have_one_release_of_jupyterhub(docker_engine: docker.DockerClient, tag: str) -> None:
    host = next(
        line for line in (ROOT / "requirements/hub.txt").read_text().splitlines() if line.startswith("jupyterhub==")
    )
    inside = json.loads(run(docker_engine, tag, ["python", "-c", VERSIONS, "jupyterhub"]))["jupyterhub"]
    assert host.split()[0] == f"jupyterhub=={inside}"


def test_every_python_file_is_byte_compiled(docker_engine: docker.DockerClient, tag: str) -> None:
    assert run(docker_engine, tag, ["python", "-c", NOT_COMPILED]) == ""


def test_packages_agree_with_each_other(docker_engine: docker.DockerClient, tag: str) -> None:
    checked = run(docker_engine, tag, ["sh", "-c", "pip check || true"])
    of_debian = {found["name"] for found in listed(docker_engine, tag, "--path", DEBIAN_PYTHON)}
    # Debian's programs run with Debian's packages alone; in the image's Python newer ones are before them.
    assert [
        line for line in checked.splitlines() if " has requirement " in line and line.split()[0] not in of_debian
    ] == []
    assert "requires" not in checked, checked


def test_no_program_changes_its_user(docker_engine: docker.DockerClient, tag: str) -> None:
    assert find(docker_engine, tag, "-type", "f", "-perm", "/6000") == []


def test_nothing_is_writable_but_the_home_and_the_folders_for_all(docker_engine: docker.DockerClient, tag: str) -> None:
    owned = find(docker_engine, tag, "(", "-user", "1000", "-o", "-group", "1000", ")", "-not", "-path", "/home/*")
    assert owned == []
    writable = find(docker_engine, tag, "-perm", "-o=w", "-not", "-type", "l", "-not", "-path", "/dev/*")
    assert set(writable) <= {"/tmp", "/var/tmp", "/run/lock"}


def test_nothing_of_the_build_is_left(docker_engine: docker.DockerClient, tag: str) -> None:
    folders = ("/var/lib/apt/lists", "/var/cache/apt", "/run", "/root/.cache", "/src", "/opt/tools", "/opt/wheels")
    assert [path for folder in folders for path in find(docker_engine, tag, "-path", f"{folder}/*")] == []
    assert find(docker_engine, tag, "-name", "uv", "-type", "f") == []
    assert find(docker_engine, tag, "-name", "hatchling", "-type", "d") == []
    assert find(docker_engine, tag, "-name", "pip.conf") == ["/opt/venv/pip.conf"]
    assert "index" not in run(docker_engine, tag, ["cat", "/opt/venv/pip.conf"])


def test_no_certificate_of_the_building_machine_is_in_the_image(docker_engine: docker.DockerClient, tag: str) -> None:
    bundle, packaged, local = run(docker_engine, tag, ["python", "-c", DEBIAN_CERTIFICATES]).split()
    assert (bundle, local) == (packaged, "0")
    history = json.dumps(docker_engine.images.get(tag).history())
    assert "BEGIN CERTIFICATE" not in history
    assert "INDEX=" not in history


def test_a_certificate_only_this_machine_trusts_is_not_trusted_in_the_image(
    docker_engine: docker.DockerClient, tag: str
) -> None:
    trusted = ca_bundle({})
    if trusted is None:
        pytest.skip("this machine has no bundle of certificates")
    inside = _certificates(run(docker_engine, tag, ["cat", "/etc/ssl/certs/ca-certificates.crt"]))
    debian = _certificates("".join(file.read_text() for file in Path("/usr/share/ca-certificates").rglob("*.crt")))
    own = _certificates(trusted.read_text()) - debian
    if not own:
        pytest.skip("this machine trusts nothing but what Debian trusts")
    assert not own & inside


def test_the_labels_say_what_the_image_is(docker_engine: docker.DockerClient, name: str, tag: str) -> None:
    labels = docker_engine.images.get(tag).labels
    prefix = "org.opencontainers.image."
    assert labels[f"{prefix}title"] == f"Lifedesk {name}"
    assert labels[f"{prefix}version"] == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert labels[f"{prefix}licenses"] == "BSD-3-Clause"
    assert labels[f"{prefix}description"]
    assert labels["eu.lifedesk.image"] == name
    assert tag == f"lifedesk/{name}:{labels['eu.lifedesk.recipe']}"
    assert datetime.fromisoformat(labels[f"{prefix}created"]) < datetime.now(UTC)
    assert labels["eu.lifedesk.software"] == read_images(ROOT)[name].labels["eu.lifedesk.software"]


def test_the_software_list_is_true(docker_engine: docker.DockerClient, name: str, tag: str) -> None:
    text = file_in(docker_engine, tag, "/opt/lifedesk/sbom.cdx.json")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    document = json.loads(text)
    assert document["metadata"]["component"]["name"] == f"lifedesk/{name}"
    packages = [PackageURL.from_string(component["purl"]) for component in document["components"]]
    debian = sorted(f"{package.name}={package.version}" for package in packages if package.type == "deb")
    assert debian == sorted(run(docker_engine, tag, ["dpkg-query", "-Wf", "${Package}=${Version}\\n"]).split())
    python = {(package.name, package.version) for package in packages if package.type not in ("deb", "npm")}
    installed = [*listed(docker_engine, tag), *listed(docker_engine, tag, "--path", DEBIAN_PYTHON)]
    assert python == {(normal(found["name"]), found["version"]) for found in installed}
    browser = {package.name: package.version for package in packages if package.type == "npm"}
    assert browser["novnc"] == json.loads((ROOT / DESKTOP_PAGE).read_text())["dependencies"]["@novnc/novnc"]
    assert {"react", "mermaid"} <= browser.keys()  # in JupyterLab
    licensed = sum("licenses" in component for component in document["components"])
    assert licensed / len(packages) > 0.85


def test_the_software_list_says_what_was_asked_for_by_name(
    docker_engine: docker.DockerClient, name: str, tag: str
) -> None:
    document = json.loads(file_in(docker_engine, tag, "/opt/lifedesk/sbom.cdx.json"))
    names = {component["bom-ref"]: component["name"] for component in document["components"]}
    listed = next(found["dependsOn"] for found in document["dependencies"] if found["ref"] == "image")
    line = [image.name for image in with_parents(read_images(ROOT), [name])]
    asked_for = "".join((ROOT / f"images/{image}/debian.txt").read_text() for image in line)
    wanted = {row.split("#")[0].strip() for row in asked_for.splitlines()} - {""}
    wanted |= set(json.loads((ROOT / DESKTOP_PAGE).read_text())["dependencies"])
    wanted |= set(json.loads(read_images(ROOT)[name].labels["eu.lifedesk.software"]))
    named = {ref: names[ref] if ref.startswith(("pkg:deb/", "pkg:npm/")) else normal(names[ref]) for ref in listed}
    assert wanted == set(named.values())


def test_the_images_python_has_no_packages_but_the_images(
    docker_engine: docker.DockerClient, name: str, tag: str, home: str
) -> None:
    shown = run(docker_engine, tag, ["python", "-m", "site"], home)
    assert "ENABLE_USER_SITE: False" in shown
    assert run(docker_engine, tag, ["cat", "/opt/lifedesk/image"]) == f"{name}\n"
    refused = run(docker_engine, tag, ["sh", "-c", "touch /opt/venv/lib/python3.13/site-packages/x 2>&1 || true"])
    assert "Permission denied" in refused or "Read-only file system" in refused


def _certificates(pem: str) -> set[bytes]:
    end = "-----END CERTIFICATE-----"
    blocks = [block[block.index("-----BEGIN") :] + end for block in pem.split(end) if "-----BEGIN" in block]
    return {ssl.PEM_cert_to_DER_cert(block) for block in blocks}
