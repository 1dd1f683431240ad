"""The start form as HTML."""

from __future__ import annotations

import re

from lifedesk_hub.pages import StartChoice, StartSize, render_start_form

GIB = 2**30
SMALL = StartSize("small", "Small", 1, 2 * GIB, selected=True)
MEDIUM = StartSize("medium", "Medium", 2.5, 4 * GIB, selected=False)


def choice(
    slug: str = "imaging", *sizes: StartSize, selected: bool = False, description: str = "For images"
) -> StartChoice:
    return StartChoice(slug, slug.title(), description, sizes or (SMALL, MEDIUM), selected)


def checked(form: str) -> list[str]:
    """Values of the inputs that are chosen at first."""
    return [re.search(r'value="([^"]*)"', tag)[1] for tag in re.findall(r"<input[^>]*>", form) if "checked" in tag]  # type: ignore[index]


def test_the_selected_environment_and_its_selected_size_are_chosen_at_first() -> None:
    large = StartSize("large", "Large", 8, 32 * GIB, selected=True)
    form = render_start_form([choice("base"), choice("imaging", MEDIUM, large, selected=True)])
    assert checked(form) == ["imaging", "large"]


def test_without_a_selected_environment_the_first_is_chosen() -> None:
    assert checked(render_start_form([choice("base"), choice("imaging")])) == ["base", "small"]


def test_a_size_of_two_environments_is_shown_once_and_smaller_ones_first() -> None:
    form = render_start_form([choice("base", MEDIUM), choice("imaging", MEDIUM, SMALL)])
    assert re.findall(r'name="size" value="(\w+)"', form) == ["small", "medium"]


def test_each_environment_says_which_sizes_it_is_offered_in() -> None:
    form = render_start_form([choice("base", MEDIUM, SMALL)])
    assert 'data-sizes="medium small"' in form
    assert 'data-first-size="small"' in form


def test_sizes_are_told_in_cores_and_memory() -> None:
    assert SMALL.extent == "1 core, 2 GB memory"
    assert MEDIUM.extent == "2.5 cores, 4 GB memory"
    assert StartSize("tiny", "Tiny", 0.5, 512 * 2**20, selected=False).extent == "0.5 cores, 512 MB memory"


def test_what_the_site_file_says_is_text_and_never_markup() -> None:
    form = render_start_form([choice(description="<script>alert(1)</script>")])
    assert "<script>" not in form
    assert "&lt;script&gt;" in form


def test_without_any_choice_there_is_a_sentence_and_nothing_to_send() -> None:
    form = render_start_form([])
    assert "No environment is open to you yet." in form
    assert "<button" not in form
