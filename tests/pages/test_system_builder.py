"""Building a system from a form: what fits is offered, the rest says why, defaults are the paper's."""

from core.bootstrap import App
from core.domain.collections import Collection
from core.strategies.base import find
from core.strategies.parameters import parameters_of
from pages._ui.escape import plain
from tests.pages.conftest import Open
from tests.support.page_tree import texts


def opened(at, strategy: str):
    at.button(key="build_open").click().run()
    at.selectbox(key="build_strategy").set_value(strategy).run()
    return at


def test_only_models_that_fit_can_be_chosen_and_the_others_say_why(
    app: App, open_page: Open, small: Collection
) -> None:
    at = opened(open_page("playground"), "prp-heapsort")
    ready = [one.model.id for one in app.strategies.candidates("prp-heapsort", "model") if not one.reason]
    assert at.selectbox(key="build_prp-heapsort_model_model").options == ready
    table = next(frame.value for frame in at.dataframe if "Why not" in frame.value)
    why = dict(zip(table["Model"], table["Why not"], strict=True))["all-minilm-l6-v2"]
    assert "lacks" in why
    assert "label-logprobs" in why


def test_parameters_have_default_range_and_help(open_page: Open, small: Collection) -> None:
    at = opened(open_page("playground"), "prp-heapsort")
    (parameter,) = (one for one in parameters_of(find("prp-heapsort")) if one.name == "k")
    widget = at.number_input(key="build_prp-heapsort_k")
    assert (widget.value, widget.min, widget.max) == (parameter.default, parameter.minimum, parameter.maximum)
    assert plain(parameter.help) in widget.label
    assert "1 to 1000" in widget.help


def test_what_was_built_is_chosen(open_page: Open, small: Collection) -> None:
    at = opened(open_page("playground"), "prp-heapsort")
    at.number_input(key="build_prp-heapsort_k").set_value(3).run()
    assert "prp-heapsort?k=3" in [block.value for block in at.code]
    assert "On this list: about" in texts(at)
    at.button(key="build_add").click().run()
    assert "prp-heapsort?k=3" in at.multiselect(key="choice_system").value


def test_a_strategy_that_does_not_run_here_cannot_be_added(open_page: Open, small: Collection) -> None:
    at = opened(open_page("playground"), "cross-encoder")
    assert "Does not run here" in texts(at)
    assert "build_add" not in [button.key for button in at.button]


def test_members_are_chosen_for_a_fusion(open_page: Open, small: Collection) -> None:
    at = opened(open_page("playground"), "rrf")
    assert at.multiselect(key="build_rrf_members").value == ["bm25", "bi-encoder"]
    at.multiselect(key="build_rrf_members").set_value(["bm25"]).run()
    assert "at least 2 systems" in texts(at)
