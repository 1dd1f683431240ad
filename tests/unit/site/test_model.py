"""What a loaded site is: frozen, closed, with its paths made absolute and its secrets out of sight."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from lifedesk_hub.site import Site, SiteFileError, load_site
from lifedesk_hub.site.types import Bytes, Destination, GroupUrn, WebAddress
from tests.support.site import IMAGES

SITES = Path(__file__).parents[2] / "sites"
GOOD = sorted((SITES / "good").glob("*.yaml"))


def good(name: str) -> Site:
    return load_site(SITES / "good" / f"{name}.yaml", IMAGES)


def models(value: object) -> Iterator[BaseModel]:
    if isinstance(value, BaseModel):
        yield value
        for field in type(value).model_fields:
            yield from models(getattr(value, field))
    elif isinstance(value, tuple):
        for item in value:
            yield from models(item)


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_no_part_of_a_site_can_be_changed(path: Path) -> None:
    parts = list(models(load_site(path, IMAGES)))
    assert len(parts) > 7
    for part in parts:
        for field in type(part).model_fields:
            with pytest.raises(ValidationError, match="frozen"):
                setattr(part, field, None)


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_lists_are_held_as_tuples(path: Path) -> None:
    for part in models(load_site(path, IMAGES)):
        assert not any(isinstance(getattr(part, field), list | set) for field in type(part).model_fields)


def test_relative_paths_start_at_the_site_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "node").mkdir()
    (tmp_path / "elsewhere").mkdir()
    file = tmp_path / "node" / "lifedesk.yaml"
    file.write_text((SITES / "good/facility.yaml").read_text())
    monkeypatch.chdir(tmp_path / "elsewhere")
    site = load_site(Path("../node/lifedesk.yaml"), IMAGES)
    assert site.login.client_secret
    assert site.login.client_secret.file == f"{tmp_path}/node/secrets/client_secret"
    assert site.archives.site
    assert site.archives.site.path == f"{tmp_path}/node/datasets"
    assert [mount.source for mount in site.mounts] == ["/srv/microscopes", f"{tmp_path}/node/shared"]


def test_a_relative_path_may_lead_upwards() -> None:
    secret = good("oidc").login.client_secret
    assert secret
    assert secret.file == str(SITES / "secrets/oidc")


def test_a_home_folder_may_be_written_with_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/srv/operator")
    file = tmp_path / "lifedesk.yaml"
    file.write_text((SITES / "good/minimal.yaml").read_text() + "mounts: [{source: ~/data, target: /data/shared}]\n")
    assert load_site(file, IMAGES).mounts[0].source == "/srv/operator/data"


def test_a_path_that_climbs_out_into_the_node_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "lifedesk.yaml"
    up = "../" * len(tmp_path.parts)
    file.write_text(
        (SITES / "good/minimal.yaml").read_text() + f"mounts: [{{source: {up}etc, target: /data/shared}}]\n"
    )
    with pytest.raises(SiteFileError, match="'/etc' holds parts of the node itself"):
        load_site(file, IMAGES)


def test_the_folder_of_the_site_file_is_not_mounted_with_the_secret_in_it(tmp_path: Path) -> None:
    file = tmp_path / "lifedesk.yaml"
    file.write_text((SITES / "good/cilogon.yaml").read_text() + "mounts: [{source: ., target: /data/shared}]\n")
    with pytest.raises(SiteFileError, match=r"mounts\[0\]\.source: .* holds the file of login\.client_secret"):
        load_site(file, IMAGES)


def test_anchors_and_merge_keys_save_repetition_and_words_are_text() -> None:
    site = good("anchors")
    assert (site.name, site.contact) == ("yes", "2026-01-01")
    assert [(size.slug, size.mem_limit) for size in site.sizes] == [("small", 2 * 2**30), ("on", 4 * 2**30)]
    assert site.profile("imaging").description == "JupyterLab"
    assert site.profile("imaging").sizes == ("small", "on")


def test_an_archive_set_to_null_is_switched_off() -> None:
    archives = good("facility").archives
    assert archives.bioimage_archive is None
    assert archives.site is not None


def test_the_printed_site_shows_no_value_of_the_override() -> None:
    site = good("hub-override")
    assert site.hub_override["JupyterHub"]["cookie_secret_file"] == "/srv/lifedesk/cookie_secret"
    assert "cookie_secret" not in repr(site)
    assert "cookie_secret" not in str(site)


def test_a_profile_and_a_size_are_found_by_their_slugs() -> None:
    site = good("facility")
    assert site.profile("segmentation").display_name == "Segmentation"
    assert site.size("large").cpu_limit == 8
    with pytest.raises(KeyError):
        site.profile("large")
    with pytest.raises(KeyError):
        site.size("imaging")


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        (1, 1),
        ("1", 1),
        ("1024", 1024),
        ("1K", 2**10),
        ("512M", 512 * 2**20),
        ("2G", 2 * 2**30),
        ("1.5G", 3 * 2**29),
        ("0.5T", 2**39),
        (2 * 2**30, 2 * 2**30),
    ],
)
def test_memory_is_read_in_the_notation_of_jupyterhub(written: object, amount: int) -> None:
    assert TypeAdapter(Bytes).validate_python(written) == amount


@pytest.mark.parametrize(
    "written",
    [
        "",
        "2g",
        "2GB",
        "2 G",
        "2GiB",
        "-2G",
        "+2G",
        "1e3",
        ".5G",
        "2.G",
        "G",
        "2G\n",
        "٢G",
        "0",
        "0.0000001K",
        "9" * 400,
        0,
        -1,
        1.5,
        True,
        None,
        [],
        2**60,
        "999999999999999T",
    ],
)
def test_memory_in_any_other_notation_is_refused(written: object) -> None:
    with pytest.raises(ValidationError, match="give an amount above 0: bytes, or a number with K, M, G or T"):
        TypeAdapter(Bytes).validate_python(written)


@pytest.mark.parametrize("written", ["10.1.2.3", "10.1.2.3:443", "10.1.2.0/24", "192.168.0.0/16:8080", "8.8.8.8:65535"])
def test_a_destination_is_an_address_or_a_range_with_or_without_a_port(written: str) -> None:
    assert TypeAdapter(Destination).validate_python(written) == written


@pytest.mark.parametrize(
    "written",
    [
        "",
        ":443",
        "10.1.2.3:",
        "10.1.2.3:0",
        "10.1.2.3:65536",
        "10.1.2.3:²",
        "10.1.2.3:443:1",
        "fd00::1",
        "node.example",
        "10.1.2.3/8",
        "0.0.0.0/0",
        "127.0.0.1:80",
        "169.254.169.254",
        "128.0.0.0/1",
        "10.1.2.3\n",
    ],
)
def test_any_other_destination_is_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Destination).validate_python(written)


@pytest.mark.parametrize(
    "written",
    ["https://a.example", "https://a.example/auth/realms/egi/", "http://localhost:8000", "https://[::1]:8443/x"],
)
def test_a_web_address_is_kept_as_it_is_written(written: str) -> None:
    assert TypeAdapter(WebAddress).validate_python(written) == written


@pytest.mark.parametrize(
    "written",
    [
        "",
        "a.example",
        "ftp://a.example",
        "https://",
        "https:///x",
        "https://a.example?x",
        "https://a.example#x",
        "https://a\n.example",
        "https://a .example",
        "https://[::1",
        "https://a.example:99999",
        "https://a.example:x",
        "https://u@a.example",
        "https://:p@a.example",
        "https://ä.example",
        "javascript:alert(1)",
        'https://a"b.example',
    ],
)
def test_any_other_web_address_is_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(WebAddress).validate_python(written)


@pytest.mark.parametrize(
    "written",
    [
        "urn:geant:lifedesk.example:group:imaging#demo.lifedesk.example",
        "urn:geant:lifedesk.example:group:imaging",
        "urn:mace:egi.eu:group:vo.example:subgroup:role=member#aai.egi.eu",
        "URN:geant:example.org:group:two%20words",
    ],
)
def test_a_group_urn_is_one_of_aarc_g069(written: str) -> None:
    assert TypeAdapter(GroupUrn).validate_python(written) == written


@pytest.mark.parametrize(
    "written",
    [
        "",
        "imaging",
        "urn:geant:example.org:res:x",
        "urn::group:x",
        "urn:geant:example.org:group:",
        "urn:geant:group:x\n",
        "urn:geant:example.org:group:two words",
        "xurn:geant:example.org:group:x",
    ],
)
def test_anything_else_is_no_group_urn(written: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(GroupUrn).validate_python(written)
