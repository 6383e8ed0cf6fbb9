"""Which model may stand in which slot, and messages that stay short however many there are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.capabilities import Capability
from core.domain.errors import InvalidInputError
from core.domain.models import ModelEntry, ModelKind
from core.domain.naming import few
from core.strategies.base import Slot, StrategyInfo
from core.strategies.resolve import resolve
from core.strategies.slots import choose_models, fits, misfit, stands
from tests.support.judges import find_model

PLAIN = ModelEntry(
    id="plain",
    kind=ModelKind.CAUSAL_LM,
    source="builtin",
    revision="1",
    capabilities=frozenset({Capability.GENERATE, Capability.LABEL_LOGPROBS}),
)
TRAINED = replace(PLAIN, id="trained", formats=("monot5",))
BOTH = replace(PLAIN, id="both", formats=("general", "monot5"))
EMBEDDER = replace(PLAIN, id="embedder", capabilities=frozenset({Capability.EMBED_POOLED}))
WORDS = Slot(needs=frozenset({Capability.GENERATE}))
EXACT = Slot(needs=frozenset({Capability.LABEL_LOGPROBS}), format="monot5")


def info(**slots: Slot) -> StrategyInfo:
    return StrategyInfo(name="s", version=1, family="pointwise", title="S", slots=tuple(slots.items()))


@pytest.mark.parametrize(
    ("slot", "entry", "reason"),
    [
        (WORDS, PLAIN, ""),
        (WORDS, BOTH, ""),
        (EXACT, TRAINED, ""),
        (EXACT, BOTH, ""),
        (WORDS, TRAINED, "trained was trained on the input format 'monot5' alone"),
        (EXACT, PLAIN, "plain was not trained on the input format 'monot5'"),
        (EXACT, EMBEDDER, "embedder lacks label-logprobs (it has embed-pooled)"),
    ],
)
def test_what_a_slot_reads_and_what_a_model_was_trained_on(slot: Slot, entry: ModelEntry, reason: str) -> None:
    assert misfit(slot, entry) == reason
    assert stands(slot, entry) is (not reason)
    assert fits(info(model=slot), entry) is (not reason)


def test_a_model_fits_a_strategy_of_several_slots_where_it_fits_one() -> None:
    two = info(head=EXACT, model=Slot(needs=frozenset({Capability.EMBED_POOLED})))
    assert fits(two, TRAINED)
    assert fits(two, EMBEDDER)
    assert not fits(two, PLAIN)


def test_a_message_names_eight_models_and_counts_the_others() -> None:
    many = [replace(BOTH, id=f"model-{number:02}") for number in range(30)]
    with pytest.raises(InvalidInputError) as caught:
        choose_models(info(model=EXACT), {}, lambda _id: PLAIN, many)
    message = str(caught.value)
    first = ", ".join(f"model-{number:02}" for number in range(8))
    assert message.endswith(f"Models that fit: {first} and 22 more.")
    assert "trained on the input format 'monot5'" in message


def test_a_refusal_says_which_strategies_fit_in_a_few_names() -> None:
    import core.strategies.all  # noqa: F401  (registers them)

    with pytest.raises(InvalidInputError) as caught:
        choose_models(info(model=EXACT), {"": "plain"}, lambda _id: PLAIN, [PLAIN, TRAINED, BOTH])
    message = str(caught.value)
    assert "plain was not trained on the input format 'monot5'" in message
    assert message.endswith("Models that fit: trained, both.")
    listed = message.partition("Strategies that fit plain: ")[2].partition(".")[0]
    assert 0 < listed.count(",") < 8


def test_few_names_the_nearest_first() -> None:
    names = [f"name-{number}" for number in range(20)]
    assert few(names[:3]) == "name-0, name-1, name-2"
    assert few(names, most=2) == "name-0, name-1 and 18 more"
    assert few(["alpha", "beta", "gamma", "delta"], like="gama", most=2) == "gamma, alpha and 2 more"
    assert few([]) == ""


WRITER = replace(find_model("big.lm"), id="writer", capabilities=frozenset({Capability.GENERATE}))


def writer_or_known(id):
    return WRITER if id == "writer" else find_model(id)


def test_a_model_that_only_writes_is_asked_in_the_mode_that_it_can_answer():
    assert resolve("prp-heapsort:writer", writer_or_known).spec == "prp-heapsort:writer?mode=generation"
    assert resolve("prp-heapsort:big.lm", writer_or_known).spec == "prp-heapsort:big.lm"


def test_a_mode_that_the_model_cannot_answer_is_refused_with_the_one_it_can():
    with pytest.raises(InvalidInputError, match=r"lacks label-logprobs\. It fits with mode=generation"):
        resolve("prp-heapsort:writer?mode=likelihood", writer_or_known)


def test_a_model_that_fits_in_no_mode_is_told_what_every_mode_needs():
    with pytest.raises(InvalidInputError, match="label-logprobs, or generate with mode=generation"):
        resolve("prp-heapsort:other/embedder", writer_or_known)
