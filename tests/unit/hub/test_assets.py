"""Which of an image's files may be served for everybody."""

from __future__ import annotations

import io
import re
import tarfile

import pytest

from lifedesk_hub.node.assets import EXTENSION_FILE, LAB_FILE, hashed_files


def archive(*members: tuple[str, bytes | None, str]) -> bytes:
    """A tar archive of (name, content or None for something else than a file, link target)."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as tar:
        for name, content, target in members:
            member = tarfile.TarInfo(name)
            if content is None:
                member.type, member.linkname = tarfile.SYMTYPE, target
                tar.addfile(member)
            else:
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
    return written.getvalue()


@pytest.mark.parametrize(
    "name",
    ["jlab_core.8811dd2733d03721.js", "1014.073326ef5d98db5e.js", "0031b1860ea4ad75.woff", "cd7322bf5a6e6fcf.svg"],
)
def test_jupyterlabs_names_with_a_hash_are_taken(name: str) -> None:
    assert re.fullmatch(LAB_FILE, name)


@pytest.mark.parametrize(
    "name",
    [
        "style.js",
        "index.html",
        "package.json",
        "528.d9f5934c.js",  # too short a hash for what everybody loads
        "main.0123456789abcdef.html",
        "main.0123456789abcdef.js.map",
        "../main.0123456789abcdef.js",
        "sub/main.0123456789abcdef.js",
        ".0123456789abcdef.js",
        "main.0123456789abcdef.js\n",
    ],
)
def test_no_other_name_is_taken(name: str) -> None:
    assert not re.fullmatch(LAB_FILE, name)


@pytest.mark.parametrize(
    ("name", "is_taken"),
    [
        ("anywidget/static/528.d9f5934c.js", True),
        ("@jupyter-widgets/jupyterlab-manager/static/remoteEntry.c8c9eed2cdefdeac.js", True),
        ("jupyterlab_pygments/static/747.67662283a5707eeb4d4c.js", True),
        ("anywidget/static/style.js", False),
        ("anywidget/package.json", False),
        ("@jupyter-widgets/../static/528.d9f5934c.js", False),
        ("../static/528.d9f5934c.js", False),
        ("@a/b/c/static/528.d9f5934c.js", False),
        ("static/528.d9f5934c.js", False),
    ],
)
def test_of_extensions_only_hashed_files_are_taken(name: str, is_taken: bool) -> None:
    assert bool(re.fullmatch(EXTENSION_FILE, name)) is is_taken


def test_only_plain_files_with_such_names_come_out_of_an_image() -> None:
    wanted = ("static/main.0123456789abcdef.js", b"code", "")
    found = archive(
        wanted,
        ("static/style.js", b"plain", ""),
        ("static/../../main.0123456789abcdef.js", b"above", ""),
        ("/static/main.0123456789abcdef.css", b"absolute", ""),
        ("static/link.0123456789abcdef.js", None, "/etc/shadow"),
    )
    assert list(hashed_files(found, "lab", re.compile(LAB_FILE))) == [("lab/main.0123456789abcdef.js", b"code")]
