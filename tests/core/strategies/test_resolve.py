"""From specification to system: canonical form, fingerprints, refusals."""

from dataclasses import replace

import pytest

from core.domain.capabilities import Capability
from core.domain.errors import InvalidInputError, UnknownNameError
from core.strategies.base import StrategyInfo, discard, find, registered
from core.strategies.resolve import build, fits, forecast, resolve
from tests.support.judges import MODELS, find_model


def canonical(spec):
    return resolve(spec, find_model).spec


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("bm25", "bm25"),
        ("bm25:lexical", "bm25"),
        ("bi-encoder:all-minilm-l6-v2", "bi-encoder"),
        ("bi-encoder:model=all-minilm-l6-v2", "bi-encoder"),
        ("bi-encoder:other/embedder", "bi-encoder:other/embedder"),
        ("cross-encoder:a cross encoder", "cross-encoder:a%20cross%20encoder"),
        ("prp-heapsort?k=10", "prp-heapsort"),
        ("prp-heapsort?k=%205", "prp-heapsort?k=5"),
        ("prp-heapsort:smollm2-135m-instruct?k=05", "prp-heapsort?k=5"),
        ("listwise?step=5&window=10", "listwise?step=5&window=10"),
        ("rrf?of=(bm25,bi-encoder)", "rrf?of=(bm25,bi-encoder)"),
        ("rrf?of=(bi-encoder:all-minilm-l6-v2,bm25:lexical)&k=60", "rrf?of=(bm25,bi-encoder)"),
        ("rrf?of=((prp-heapsort?k=5),bm25)", "rrf?of=(bm25,(prp-heapsort?k=5))"),
        ("rrf?of=(rrf?of=(maxsim,bm25),bm25)", "rrf?of=(bm25,(rrf?of=(bm25,maxsim)))"),
    ],
)
def test_specification_is_canonical(given, expected):
    assert canonical(given) == expected
    assert canonical(expected) == expected
    assert resolve(given, find_model).fingerprint == resolve(expected, find_model).fingerprint


def test_every_parameter_and_slot_is_in_the_system():
    system = resolve("listwise:big.lm?step=5", find_model)
    assert system.parameters == (("max_tokens", 200), ("step", 5), ("window", 20))
    assert [(slot, model.id) for slot, model in system.slots] == [("model", "big.lm")]
    strategy = build(system)
    assert (strategy.window, strategy.step, strategy.max_tokens) == (20, 5, 200)


def test_fingerprint_tells_systems_apart():
    specs = [
        "bm25",
        "bi-encoder",
        "bi-encoder:other/embedder",
        "maxsim",
        "prp-heapsort",
        "prp-heapsort?k=5",
        "rrf?of=(bm25,bi-encoder)",
        "rrf?of=(bm25,maxsim)",
        "rrf?of=(bm25,bi-encoder)&k=10",
        "rrf?of=(bm25,(rrf?of=(bm25,bi-encoder)))",
    ]
    assert len({resolve(spec, find_model).fingerprint for spec in specs}) == len(specs)


def test_fingerprint_follows_the_revision_of_a_member_model():
    def newer(id):
        return replace(find_model(id), revision="2") if id == "all-minilm-l6-v2" else find_model(id)

    spec = "rrf?of=(bm25,bi-encoder)"
    assert resolve(spec, find_model).fingerprint != resolve(spec, newer).fingerprint
    assert resolve("bm25", find_model).fingerprint == resolve("bm25", newer).fingerprint


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("nope", ["Unknown strategy 'nope'", "bm25"]),
        ("bm25:nope", ["Unknown model 'nope'"]),
        ("first-stage:lexical", ["first-stage takes no model", ":lexical"]),
        ("cross-encoder", ["cross-encoder needs a model with score", "cross-encoder:MODEL", "a cross encoder"]),
        (
            "bi-encoder:big.lm",
            [
                "lacks embed-pooled",
                "it has attention, exit-layer, generate",
                "Strategies that fit big.lm: ",
                "other/embedder",
            ],
        ),
        ("bm25:judge=lexical", ["Unknown slot of bm25 'judge'", "model"]),
        ("bm25:lexical+model=lexical", ["two models for the same slot"]),
        ("prp-heapsort?q=5", ["Unknown parameter of prp-heapsort 'q'", "Known: k"]),
        ("prp-heapsort?k=0", ["'k' of prp-heapsort", "a whole number from 1 to 1000", "'0'"]),
        ("prp-heapsort?k=1.5", ["a whole number from 1 to 1000", "'1.5'"]),
        ("prp-heapsort?k=many", ["a whole number", "'many'"]),
        ("listwise?step=30", ["step must be from 1 to the window's size 20, not 30"]),
        ("bm25?of=(bm25,maxsim)", ["bm25 combines no other systems"]),
        ("rrf", ["at least 2 systems", "rrf?of=(bm25,bi-encoder)"]),
        ("rrf?of=(bm25)", ["at least 2 systems"]),
        ("rrf?of=(bm25,bm25:lexical)", ["the same system twice"]),
        ("rrf?of=(bm25,(prp-heapsort?k=0))", ["'k' of prp-heapsort"]),
        ("cascade?of=(bm25,bi-encoder,maxsim)", ["at most 2 systems, not 3", "a cascade itself"]),
        ("cascade?of=(bm25,maxsim)&keep=1", ["'keep' of cascade", "from 2"]),
    ],
)
def test_refusals_say_what_is_wrong(spec, words):
    with pytest.raises(InvalidInputError) as caught:
        resolve(spec, find_model, known=MODELS)
    for word in words:
        assert word in str(caught.value)


def test_unknown_names_are_their_own_error():
    with pytest.raises(UnknownNameError):
        resolve("nope", find_model)


def test_fits_is_exactly_what_resolve_accepts():
    for info in registered().values():
        for entry in MODELS:
            if info.members or len(info.slots) > 1:  # those of several slots: test_slots.py
                continue
            try:
                resolve(f"{info.name}:{entry.id}", find_model)
                accepted = True
            except InvalidInputError:
                accepted = False
            assert fits(info, entry) == accepted, (info.name, entry.id)


def test_a_strategy_of_another_version_is_not_built():
    system = resolve("bm25", find_model)
    with pytest.raises(InvalidInputError, match="version 99"):
        build(replace(system, version=99))


def test_forecast_adds_the_members():
    system = resolve("rrf?of=(bm25,bi-encoder,(rrf?of=(maxsim,query-likelihood)))", find_model)
    assert forecast(system, 20) == 1 + 21 + (21 + 20)
    assert forecast(system, 1) == 0


def test_forecast_gives_the_later_member_of_a_cascade_what_the_first_one_keeps():
    system = resolve("cascade?of=(bi-encoder,prp-all-pair)&keep=5", find_model)
    assert forecast(system, 20) == 21 + 5 * 4
    assert forecast(system, 3) == 4 + 3 * 2
    nested = resolve("cascade?of=((cascade?of=(bm25,bi-encoder)&keep=10),yes-no)&keep=4", find_model)
    assert forecast(nested, 100) == 1 + 11 + 4


def test_the_members_of_a_cascade_keep_their_order():
    assert canonical("cascade?of=(query-likelihood,bm25)&keep=20") == "cascade?of=(query-likelihood,bm25)"


def test_two_slots(two_slots):
    assert canonical("two-slots:big.lm") == "two-slots:model=big.lm"
    assert canonical("two-slots:embedder=other/embedder+model=big.lm") == (
        "two-slots:embedder=other/embedder+model=big.lm"
    )
    assert canonical("two-slots:smollm2-135m-instruct+embedder=all-minilm-l6-v2") == "two-slots"
    with pytest.raises(InvalidInputError, match=r"slot embedder.*lacks embed-pooled"):
        resolve("two-slots:embedder=big.lm", find_model)


@pytest.fixture
def two_slots() -> StrategyInfo:
    from core.strategies.base import Slot, strategy

    decorate = strategy(
        name="two-slots",
        version=1,
        family="pointwise",
        title="Two slots",
        slots={
            "model": Slot(needs=frozenset({Capability.GENERATE}), default="smollm2-135m-instruct"),
            "embedder": Slot(needs=frozenset({Capability.EMBED_POOLED}), default="all-minilm-l6-v2"),
        },
    )
    from tests.support.strategy_stub import Unmoved

    made = type("TwoSlots", (Unmoved,), {"__module__": "two_slots_of_a_test", "__annotations__": {}})
    decorate(made)
    yield find("two-slots")
    discard("two_slots_of_a_test")
