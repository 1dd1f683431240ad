import pytest

from lifedesk_hub.errors import ChoiceRefused
from lifedesk_hub.profiles import decide, last_or_first, open_profiles, options_from_form
from tests.support.site import small_site

SITE = small_site()
KNOWN = "A session has a profile, a size, an interface and a version."


def slugs(groups: set[str]) -> list[str]:
    return [profile.slug for profile in open_profiles(SITE, groups)]


def test_people_see_the_profiles_of_their_groups_in_the_order_of_the_site() -> None:
    assert slugs({"imaging"}) == ["imaging"]
    assert slugs({"structural", "imaging"}) == ["imaging", "structural"]
    assert slugs(set()) == []


def test_without_options_the_first_open_profile_in_its_usual_size_is_started() -> None:
    choice = decide(SITE, {"structural"}, {})
    assert choice.options == {"profile": "structural", "size": "large", "interface": "lab"}


def test_a_size_alone_is_taken_with_the_first_open_profile() -> None:
    choice = decide(SITE, {"imaging"}, {"size": "large"})
    assert choice.options == {"profile": "imaging", "size": "large", "interface": "lab"}


@pytest.mark.parametrize(
    ("options", "sentence", "reason"),
    [
        ({"profile": "structural"}, "Profile 'structural' is not open to you. Choose one of: imaging.", "profile"),
        ({"profile": "nonsense"}, "Profile 'nonsense' is not open to you. Choose one of: imaging.", "profile"),
        ({"profile": ["imaging"]}, "That profile is not open to you. Choose one of: imaging.", "profile"),
        ({"profile": None}, "That profile is not open to you. Choose one of: imaging.", "profile"),
        ({"size": "huge"}, "Size 'huge' is not offered for imaging. Choose one of: small, large.", "size"),
        ({"size": {"mem": "1T"}}, "That size is not offered for imaging. Choose one of: small, large.", "size"),
        ({"image": "evil:latest"}, f"Unknown start option 'image'. {KNOWN}", "options"),
        (
            {"volumes": {"/": {"bind": "/host"}}},
            f"Unknown start option 'volumes'. {KNOWN}",
            "options",
        ),
        ({"profile": "x" * 5000}, f"Profile {'x' * 40!r} is not open to you. Choose one of: imaging.", "profile"),
    ],
)
def test_hostile_options_are_refused_with_what_is_allowed(
    options: dict[str, object], sentence: str, reason: str
) -> None:
    with pytest.raises(ChoiceRefused) as refused:
        decide(SITE, {"imaging"}, options)
    assert str(refused.value) == sentence
    assert refused.value.reason == reason


def test_whom_to_ask_is_said_when_nothing_is_open() -> None:
    with pytest.raises(
        ChoiceRefused, match=r"No environment is open to you yet\. Ask the test desk \(desk@lifedesk\.example\)\."
    ):
        decide(SITE, set(), {})


def test_the_last_choice_is_kept_while_it_is_open_and_forgotten_when_it_is_not() -> None:
    last = {"profile": "imaging", "size": "large"}
    assert last_or_first(SITE, {"imaging"}, last) == decide(SITE, {"imaging"}, last)
    assert last_or_first(SITE, {"structural"}, last) == decide(SITE, {"structural"}, {})
    assert last_or_first(SITE, {"imaging"}, None) == decide(SITE, {"imaging"}, {})
    assert last_or_first(SITE, set(), last) is None


def test_a_form_field_given_twice_counts_once_and_the_forms_token_is_no_option() -> None:
    assert options_from_form({"profile": ["a", "b"], "size": [], "_xsrf": ["token"]}) == {"profile": "b"}
