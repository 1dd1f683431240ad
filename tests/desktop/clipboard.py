"""Copying in the desktop and pasting into it, as people do."""

from __future__ import annotations

from tests.desktop.desk import IN_DESKTOP, Desk


def paste_into_file(desk: Desk, path: str, lines: int) -> None:
    """Paste what the desktop's clipboard holds into a file, by a terminal."""
    desk.run_in_terminal(f"head -n {lines} > {path}")
    desk.page.keyboard.press("Shift+Insert")


def copy_first_line(desk: Desk, text: str) -> None:
    """Show a text in a terminal that fills the screen, and copy its first line as people do: by a triple click."""
    desk.server.shell(
        f"{IN_DESKTOP} setsid xterm -fullscreen -T shown -e sh -c \"echo '{text}'; sleep 60\" >/dev/null 2>&1 &"
    )
    desk.until_window("shown")
    desk.until_painted(colours=3)
    for _ in range(3):
        desk.page.mouse.click(60, 18, delay=10)


def box(desk: Desk) -> str:
    """What the page's clipboard box holds."""
    desk.page.keyboard.press("Control+Alt+Shift")
    desk.page.get_by_role("button", name="Clipboard").click()
    try:
        return desk.page.get_by_label("Text in the clipboard").input_value()
    finally:
        desk.page.keyboard.press("Escape")
