"""FIRST beside RankLLM: the order of a window from the log-probabilities of its letters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import SimpleNamespace

from benchmarks.reference import rank_llm
from benchmarks.reference.opinions import LETTERS, listed, ranked, sizes
from benchmarks.reference.tally import Row, Tally
from core.domain.requests import LabelLogprobs
from core.strategies.judges import PerfectJudge, documents_of, uniform
from core.strategies.listwise.first import First
from core.strategies.listwise.first_trained import FirstTrained

CODE = "RankListwiseOSLLM._evaluate_logits"
VOCABULARY = 400  # other tokens that may be likelier than a letter
STRATEGIES = {"first": First, "first-trained": FirstTrained}


@dataclass(frozen=True, kw_only=True)
class Letters(PerfectJudge):
    """Log-probabilities for letters; some do not come back."""

    missing: float = 0.0

    def labels(self, request: LabelLogprobs) -> tuple[float | None, ...]:
        """By the documents shown."""
        found = self.letters(documents_of(request.prompt))
        return tuple(found.get(label.strip()) for label in request.labels)

    def letters(self, ids: Sequence[str]) -> dict[str, float]:
        """Letter to log-probability, of those that came back."""
        values = {letter: -10 * uniform(self.seed, *ids, letter) for letter in LETTERS[: len(ids)]}
        return {name: value for name, value in values.items() if uniform(self.seed, *ids, name, "?") >= self.missing}


def rows() -> Iterator[Row]:
    """All comparisons."""
    for name in STRATEGIES:
        for missing in (0.0, 0.2):
            yield _windows(name, missing)
    yield _thirty()


def _evaluated(returned: dict[str, float], window: int) -> str:
    """The order that the reference writes for these tokens."""
    kind = rank_llm.module("rerank.listwise.rank_listwise_os_llm").RankListwiseOSLLM
    ranker = object.__new__(kind)
    ranker._use_alpha, ranker._window_size = True, window
    logits = {
        place: SimpleNamespace(decoded_token=token, logprob=value)
        for place, (token, value) in enumerate(returned.items())
    }
    text, _ = ranker._evaluate_logits(logits, (1, 9))
    return str(text)


def _windows(name: str, missing: float) -> Row:
    tally = Tally()
    for seed, size in enumerate(sizes(200, 2, 60)):
        judge, candidates = Letters(seed=seed, missing=missing), listed(size)

        def write(ids: Sequence[str], judge: Letters = judge) -> str:
            return _evaluated({"[": -0.1, "the": -20.0} | judge.letters(ids), 20)

        theirs = rank_llm.reranked(rank_llm.ranker(20, 10, write, alpha=True), candidates)
        tally.add(ranked(STRATEGIES[name](), candidates, judge) == theirs)
    left = f", {missing:.0%} of the letters not returned" if missing else ""
    return tally.row(
        name, rank_llm.PACKAGE, f"{CODE}, sliding_windows", f"random log-probabilities{left}; 2 to 60 documents"
    )


def _thirty() -> Row:
    """The reference asks its engine for the 30 likeliest tokens; a letter beyond them is lost."""
    tally, lost = Tally(), 0
    for seed, size in enumerate(sizes(200, 10, 20)):
        judge, candidates = Letters(seed=seed), listed(size)
        letters = judge.letters(candidates.ids)
        others = {f"t{number}": -4 - 10 * uniform(seed, "other", str(number)) for number in range(VOCABULARY)}
        top = dict(sorted((letters | others).items(), key=lambda item: -item[1])[:30])
        lost += any(letter not in top for letter in letters)
        order = rank_llm.received(_evaluated(top, 20), size, alpha=True)
        right = sorted(range(size), key=lambda place: -letters[LETTERS[place]])
        ours = ranked(First(), candidates, judge)
        tally.add(
            ours == [f"d{place}" for place in order],
            ours=ours == [f"d{place}" for place in right], reference=order == right,
        )  # fmt: skip
    return tally.row(
        "first", rank_llm.PACKAGE, CODE, f"the 30 likeliest of {VOCABULARY:,} tokens, as run_llm_batched asks for",
        note=f"random logits, unlike those of a tuned model; letters were lost in {lost} windows, ours reads all",
        aside=True,
    )  # fmt: skip
