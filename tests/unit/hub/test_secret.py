from pathlib import Path

import pytest

from lifedesk_hub.errors import SecretError
from lifedesk_hub.secret import kept_secret, read_secret, read_secret_file
from lifedesk_hub.site import SecretReference


def test_a_kept_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "token"
    first = kept_secret(path)
    assert len(first.get_secret_value()) == 64
    assert kept_secret(path) == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_secret_that_others_can_read_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("hunter2")
    path.chmod(0o640)
    with pytest.raises(SecretError) as refused:
        read_secret_file(path)
    assert str(refused.value) == f"Others may read the secret file {path}: run chmod 600 {path}"


def test_an_empty_or_missing_secret_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = tmp_path / "empty"
    empty.touch(mode=0o600)
    with pytest.raises(SecretError, match="is empty"):
        read_secret_file(empty)
    with pytest.raises(SecretError, match="cannot be read"):
        read_secret_file(tmp_path / "missing")
    monkeypatch.delenv("LIFEDESK_TEST_SECRET", raising=False)
    with pytest.raises(SecretError, match="LIFEDESK_TEST_SECRET is not set"):
        read_secret(SecretReference(env="LIFEDESK_TEST_SECRET"))


def test_a_secret_is_read_from_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFEDESK_TEST_SECRET", "hunter2")
    secret = read_secret(SecretReference(env="LIFEDESK_TEST_SECRET"))
    assert secret.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(secret)
