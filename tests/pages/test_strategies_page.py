"""Strategies: every one is described, what does not run here says why, costs are a curve."""

import pytest

from core.bootstrap import App
from core.domain.collections import Collection
from core.strategies.base import registered
from tests.pages.conftest import Open
from tests.support.page_tree import texts


def test_every_strategy_is_listed_with_its_family(app: App, open_page: Open, small: Collection) -> None:
    table = open_page("strategies").dataframe[0].value
    assert len(table) == len(app.strategies.all()) == len(registered())
    assert set(table["Family"]) == {info.family for info in registered().values()}


@pytest.mark.parametrize("name", ["yes-no", "prp-heapsort", "rrf", "first-stage"])
def test_a_link_opens_one_strategy(open_page: Open, small: Collection, name: str) -> None:
    at = open_page("strategies", strategy=name)
    info = registered()[name]
    assert at.subheader[0].value == info.title
    shown = texts(at)
    assert f"`{name}`" in shown
    assert "How sure we are" in shown
    for parameter in app_parameters(at):
        assert parameter in info.type.__dataclass_fields__


def app_parameters(at) -> list[str]:
    """Names in the table of parameters, where there is one."""
    tables = [frame.value for frame in at.dataframe if "Parameter" in frame.value]
    return list(tables[0]["Parameter"]) if tables else []


def test_the_search_and_the_family_narrow(open_page: Open, small: Collection) -> None:
    at = open_page("strategies")
    at.selectbox(key="strategy_family").set_value("pairwise").run()
    assert set(at.dataframe[0].value["Family"]) == {"pairwise"}
    at.text_input(key="strategy_search").set_value("zebra").run()
    assert "No strategy matches" in texts(at)


def test_what_does_not_run_here_says_why(app: App, open_page: Open, small: Collection) -> None:
    described = app.strategies.get("cross-encoder")
    assert not described.runs
    shown = texts(open_page("strategies", strategy="cross-encoder"))
    assert "Does not run here" in shown


def test_only_what_runs_here(app: App, open_page: Open, small: Collection) -> None:
    at = open_page("strategies")
    at.toggle(key="strategy_here").set_value(True).run()
    assert len(at.dataframe[0].value) == sum(described.runs for described in app.strategies.all())
