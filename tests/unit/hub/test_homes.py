import json
import time
from pathlib import Path

from lifedesk_hub.homes import Homes


def test_a_home_is_due_when_its_grace_period_is_over_and_not_before(tmp_path: Path) -> None:
    homes = Homes(tmp_path / "removals")
    homes.remove_later("node-home-a", grace_seconds=100)
    assert homes.due(time.time()) == []
    assert homes.due(time.time() + 101) == ["node-home-a"]


def test_somebody_who_comes_back_in_time_keeps_their_home(tmp_path: Path) -> None:
    homes = Homes(tmp_path / "removals")
    homes.remove_later("node-home-a", grace_seconds=0)
    homes.keep("node-home-a")
    homes.keep("node-home-never-asked-for")
    assert homes.due(time.time() + 1) == []


def test_nothing_is_due_where_nothing_was_ever_asked_for(tmp_path: Path) -> None:
    assert Homes(tmp_path / "none").due(time.time()) == []


def test_the_note_says_when_it_was_asked_for(tmp_path: Path) -> None:
    homes = Homes(tmp_path)
    homes.remove_later("node-home-a", grace_seconds=60)
    note = json.loads((tmp_path / "node-home-a.json").read_text())
    assert note["due_at"] == note["asked_at"] + 60
    assert not list(tmp_path.glob("*.part"))


def test_a_damaged_note_keeps_its_home_and_holds_up_no_other(tmp_path: Path) -> None:
    homes = Homes(tmp_path)
    homes.remove_later("node-home-a", grace_seconds=0)
    for number, damaged in enumerate(('{"volume": "node-ho', "[1]", "{}", '{"due_at": "soon"}')):
        (tmp_path / f"node-home-{number}.json").write_text(damaged)
    assert homes.due(time.time() + 1) == ["node-home-a"]
