"""Configuration: what wins, what is refused."""

from pathlib import Path

import pytest

from core.domain.errors import InvalidInputError
from core.settings import load_settings


def home(tmp_path: Path, text: str = "") -> dict[str, str]:
    (tmp_path / "runoff.toml").write_text(text, "utf-8")
    return {"RUNOFF_HOME": str(tmp_path)}


def test_defaults(tmp_path: Path) -> None:
    settings = load_settings({"RUNOFF_HOME": str(tmp_path)})
    assert settings.database_url == f"sqlite:///{tmp_path / 'runoff.sqlite'}"
    assert (settings.device, settings.threads, settings.strategies) == ("auto", 0, ())
    assert settings.limits.max_systems == 6


def test_the_file_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    env = home(tmp_path, 'device = "cpu"\nthreads = 3\n[limits]\nmax_systems = 4\nmin_reading_seconds = 0.5\n')
    settings = load_settings(env | {"RUNOFF_THREADS": "1"})
    assert (settings.device, settings.threads) == ("cpu", 1)
    assert (settings.limits.max_systems, settings.limits.min_reading_seconds) == (4, 0.5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("devise = 'cpu'", "unknown key 'devise'"),
        ("[limits]\nmax_system = 4", "unknown key 'max_system'"),
        ("[limits]\nmax_systems = 0", "limits.max_systems must be a positive number"),
        ("[limits]\nmax_systems = 'six'", "limits.max_systems must be a positive number"),
        ("threads = 'many'", "threads must be a whole number"),
        ("models = 3", "'models' must be a table"),
        ("strategies = ['missing.py']", "no strategy file"),
        ("roster = ['bm25']", "two or more systems"),
        ("= nothing", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        load_settings(home(tmp_path, text))


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="does not exist"):
        load_settings({"RUNOFF_HOME": str(tmp_path), "RUNOFF_CONFIG": str(tmp_path / "none.toml")})
