"""Names of measures: what is understood, what is refused and how."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import InvalidInputError
from core.measures.effectiveness import evaluate_ranking
from core.measures.names import parse_measure, split_measures


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("nDCG@10 AP", ("nDCG@10", "AP")),
        (" nDCG@10,AP,\n nDCG@10 ", ("nDCG@10", "AP")),
        ("P(rel=2, judged_only=True)@5 RR", ("P(rel=2, judged_only=True)@5", "RR")),
    ],
)
def test_lists_of_names(text: str, names: tuple[str, ...]) -> None:
    assert split_measures(text) == names


def test_no_name_at_all() -> None:
    with pytest.raises(InvalidInputError, match="at least one measure"):
        split_measures(" , ")


@pytest.mark.parametrize(
    "name",
    ["", "foo", "nDCG@", "nDCG@ten", "nDCG@10.5", "nDCG@0", "nDCG@-1", "P", "P(5)", "P(rel='x')@3", "P(rel=0)@3", "AP(",
     "P(cutoff=True)", "AP(rel=100000000000)", "ERR@0", "alpha_nDCG@10", "RBP(p=1)", "RBP(p=0)", "RBP(p='x')",
     "nDCG@10 AP", "__import__('os')", "nDCG@9999999", "RR(x=1)"],
)  # fmt: skip
def test_what_is_no_measure_is_refused_with_examples(name: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_measure(name)
    assert "Known: nDCG@10, MRR" in str(caught.value) or "between" in str(caught.value)


@given(
    st.text(max_size=30)
    | st.text(alphabet="nDCGPRAB@()=,.0123456789 relcutoffp'-", max_size=25)
    | st.from_regex(
        r"(nDCG|P|R|AP|RR|RBP|Judged|Success|SetF)(\((rel|p|cutoff|beta)=-?\d{1,5}(\.5)?\))?(@\d{1,4})?", fullmatch=True
    )
)
def test_a_name_is_computed_or_refused(name: str) -> None:
    try:
        parse_measure(name)
    except InvalidInputError:
        return
    assert evaluate_ranking(["a", "b"], {"b": 1}, [name])[name] >= 0
