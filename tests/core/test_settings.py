"""Configuration: what wins, what is refused."""

from pathlib import Path

import pytest

from core.domain.errors import InvalidInputError
from core.domain.roles import Role
from core.domain.voting import Policy
from core.settings import Arena, Prices, Roles, load_settings


def home(tmp_path: Path, text: str = "") -> dict[str, str]:
    (tmp_path / "runoff.toml").write_text(text, "utf-8")
    return {"RUNOFF_HOME": str(tmp_path)}


def test_defaults(tmp_path: Path) -> None:
    settings = load_settings({"RUNOFF_HOME": str(tmp_path)})
    assert settings.database_url == f"sqlite:///{tmp_path / 'runoff.sqlite'}"
    assert (settings.device, settings.threads, settings.strategies) == ("auto", 0, ())
    assert (settings.limits.max_systems, settings.limits.votes_per_minute) == (6, 30)
    assert (settings.arena, settings.roles) == (Arena(), Roles(everyone=Role.OPERATOR))


def test_arena_and_roles_are_read(tmp_path: Path) -> None:
    text = """
    [arena]
    policy = "decision-contrast"
    contrast_top = 3
    swapped_rate = 0.1
    gold_rate = 0
    best_to_worst_lists = 3
    [roles]
    everyone = "voter"
    operators = ["ann"]
    """
    settings = load_settings(home(tmp_path, text))
    assert settings.arena == Arena(
        policy=Policy.DECISION_CONTRAST, contrast_top=3, swapped_rate=0.1, gold_rate=0.0, best_to_worst_lists=3
    )
    assert settings.roles == Roles(everyone=Role.VOTER, operators=("ann",))


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
        ("[arena]\npolice = 'uniform'", "unknown key 'police'"),
        ("[arena]\npolicy = 'random'", "arena.policy must be one of uniform, fewest-votes, decision-contrast"),
        ("[arena]\ngold_rate = 3", "arena.gold_rate must be a share from 0 to 1, not 3"),
        ("[arena]\ngold_rate = true", "arena.gold_rate must be a share"),
        ("[arena]\ngold_rate = 0.6\nsame_rate = 0.5", "add up to 1.18; they may not exceed 1"),
        ("[arena]\ncontrast_top = 2", "arena.contrast_top must be 1 or 3, not 2"),
        ("[arena]\nbest_to_worst_lists = 5", "arena.best_to_worst_lists must be 3 or 4, not 5"),
        ("[roles]\neveryone = 'boss'", "roles.everyone must be one of voter, researcher, operator, not 'boss'"),
        ("[roles]\noperators = 'ann'", "roles.operators must be a list of voter ids"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        load_settings(home(tmp_path, text))


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="does not exist"):
        load_settings({"RUNOFF_HOME": str(tmp_path), "RUNOFF_CONFIG": str(tmp_path / "none.toml")})


def test_prices_are_read_and_unknown_until_stated(tmp_path: Path) -> None:
    assert load_settings(home(tmp_path)).prices == Prices(machine_per_hour=None, currency="USD")
    stated = '[prices]\nmachine_per_hour = 0\ncurrency = "EUR"\n'
    assert load_settings(home(tmp_path, stated)).prices == Prices(machine_per_hour=0.0, currency="EUR")


@pytest.mark.parametrize(
    ("line", "match"),
    [
        ("machine_per_hour = -1", "number from 0 on, not -1"),
        ("machine_per_hour = true", "not True"),
        ("machine_per_hour = inf", "not inf"),
        ('currency = " "', "prices.currency must be text"),
        ("per_hour = 1", "unknown key 'per_hour'"),
    ],
)
def test_wrong_prices_are_refused(tmp_path: Path, line: str, match: str) -> None:
    with pytest.raises(InvalidInputError, match=match):
        load_settings(home(tmp_path, f"[prices]\n{line}\n"))
