"""What the desktop is started with."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from lifedesk_lab.apps import InstalledApp
from lifedesk_lab.desktop import settings
from lifedesk_lab.desktop.menu import menu
from lifedesk_lab.desktop.settings import Clipboard, Geometry


def command(allowed: Clipboard) -> list[str]:
    return settings.display_command(Path("/run/rfb"), 7, Geometry(1280, 800), allowed)


@pytest.mark.parametrize(
    ("environment", "into", "out"),
    [
        ({}, True, True),
        ({"LIFEDESK_CLIPBOARD": "in,out"}, True, True),
        ({"LIFEDESK_CLIPBOARD": "in"}, True, False),
        ({"LIFEDESK_CLIPBOARD": " out "}, False, True),
        ({"LIFEDESK_CLIPBOARD": ""}, False, False),
    ],
)
def test_the_clipboard_goes_the_ways_that_the_site_allows(environment: dict[str, str], into: bool, out: bool) -> None:
    assert settings.clipboard(environment) == Clipboard(into, out)


def test_the_display_listens_on_its_socket_only_and_its_switches_are_locked() -> None:
    words = command(Clipboard(into=True, out=True))
    joined = " ".join(words)
    assert "-rfbport -1 -rfbunixpath /run/rfb -rfbunixmode 0600 -SecurityTypes None -geometry 1280x800" in joined
    assert "-nolisten tcp" in joined
    assert "-AllowOverride=desktop" in words
    assert not [word for word in words if "CutText" in word]


def test_closed_directions_are_switched_off() -> None:
    assert command(Clipboard(into=True, out=False))[-2:] == ["-SendCutText=0", "-SendPrimary=0"]
    assert command(Clipboard(into=False, out=True))[-1:] == ["-AcceptCutText=0"]
    assert command(Clipboard(into=False, out=False))[-3:] == ["-SendCutText=0", "-SendPrimary=0", "-AcceptCutText=0"]


@pytest.mark.parametrize(
    ("asked", "given"),
    [((1, 1), (320, 240)), ((99999, 99999), (7680, 4320)), ((1440, 900), (1440, 900)), ((-5, 700), (320, 700))],
)
def test_a_screen_has_a_size_that_programs_fit_in(asked: tuple[int, int], given: tuple[int, int]) -> None:
    assert Geometry(*asked).within_limits() == Geometry(*given)


def test_what_cannot_be_a_keyboard_layout_is_no_argument() -> None:
    assert settings.keyboard_command("ch", "fr") == ["setxkbmap", "-layout", "ch", "-variant", "fr"]
    for layout, variant in (("-print", ""), ("de; id", ""), ("", ""), ("de", "a b"), ("../de", "")):
        with pytest.raises(ValueError, match="is no keyboard layout"):
            settings.keyboard_command(layout, variant)


def test_programs_get_the_images_opengl_command_only_with_a_gpu(tmp_path: Path) -> None:
    environment = {"LIFEDESK_OPENGL": "vglrun -d egl"}
    assert settings.program_command(["napari"], environment, tmp_path) == ["napari"]
    (tmp_path / "nvidiactl").touch()
    assert settings.program_command(["napari"], environment, tmp_path) == ["vglrun", "-d", "egl", "napari"]
    assert settings.program_command(["napari"], {}, tmp_path) == ["napari"]


def test_the_menu_has_all_programs_and_no_text_of_theirs_is_markup() -> None:
    apps = [
        InstalledApp(f"app{number}", f'A & B <"{number}">', "", ("a",), "/i.svg", (), "1", "MIT", None, "https://e.org")
        for number in range(8)
    ]
    root = ElementTree.fromstring(menu(apps))
    entries = root.findall("RootMenu/Program")
    assert [entry.attrib["label"] for entry in entries] == [app.title for app in apps]
    assert entries[3].text == "lifedesk-open app3"
    buttons = root.findall("Tray/TrayButton")
    assert [button.text for button in buttons][:2] == ["root:1", "exec:lifedesk-open app0"]
    assert len(buttons) == 1 + 6
