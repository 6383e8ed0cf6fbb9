"""Prompts of trained listwise models, and scores in prompts, beside RankLLM's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from random import Random

from benchmarks.reference import rank_llm
from benchmarks.reference.listwise import Writes
from benchmarks.reference.models import texts
from benchmarks.reference.opinions import Swayed, listed, shown_order, sizes
from benchmarks.reference.tally import Row, Tally
from core.domain.documents import CandidateList
from core.domain.requests import Generate, LabelLogprobs, Prompt
from core.strategies.base import Strategy
from core.strategies.driver import drive
from core.strategies.judges import PerfectJudge, documents_of
from core.strategies.listwise.first_trained import FirstTrained
from core.strategies.listwise.insert_rank import InsertRank
from core.strategies.listwise.rank_vicuna import CLOSING, OPENING, RankVicuna
from core.strategies.listwise.rank_zephyr import RankZephyr

# What RankLLM changed in its one-turn templates after the releases of the models that were trained on them.
LATER = (
    (".\n\n[", ".\n["),
    ("Only respond with", "Answer concisely and directly and only respond with"),
    ("[4] > [2]", "[2] > [1]"),
    ("by a alphabetical", "by an alphabetical"),
)
TRAINED: tuple[tuple[str, Strategy, str], ...] = (
    ("rank-zephyr", RankZephyr(), "rank_zephyr_template"),
    ("rank-vicuna", RankVicuna(), "rank_zephyr_template"),
    ("first-trained", FirstTrained(), "rank_zephyr_alpha_template"),
)


def rows() -> Iterator[Row]:
    """All comparisons."""
    for name, strategy, template in TRAINED:
        yield _prompts(name, strategy, template)
    yield from _scores()


def _titled(seed: int, *, letters: bool) -> CandidateList:
    """Some documents have a title, numbers in brackets (none where passages are lettered), or more than 300 words."""
    random, candidates = Random(seed), texts(seed)
    documents = tuple(
        replace(
            document,
            title="Ferry times" if random.random() < 0.3 else "",
            text=document.text + random.choice(["", "" if letters else " as in [3] and [12]", " once more" * 200]),
        )
        for document in candidates.documents
    )
    return replace(candidates, documents=documents)


def _text(prompt: Prompt) -> str:
    return "".join(part.text for message in prompt.messages if message.role == "user" for part in message.parts)


def _prompts(name: str, strategy: Strategy, template: str) -> Row:
    tally, handler, letters = Tally(), rank_llm.handler(template), "alpha" in template
    for seed in range(100):
        candidates = _titled(seed, letters=letters)
        request = drive(strategy, candidates, PerfectJudge()).requests[0]
        assert isinstance(request, Generate | LabelLogprobs)
        ours, n_docs = _text(request.prompt), len(candidates.ids)
        for before, after in LATER:
            ours = ours.replace(before, after)
        said = handler.generate_prompt(
            rank_llm.result_of(candidates), rank_start=0, rank_end=n_docs, max_length=300, use_alpha=letters
        )
        tally.add(said[-1]["content"] in ours and len(ours) - len(said[-1]["content"]) in _frames(name))
    return tally.row(
        name, rank_llm.PACKAGE, f"SingleTurnListwiseInferenceHandler.generate_prompt, {template}",
        "the user's turn as text; ours is that of the models' release, changed here as RankLLM changed it later",
        note="texts without [3] or [B]: ours rewrites letters there, the reference numbers" if letters else "",
    )  # fmt: skip


def _frames(name: str) -> set[int]:
    """Characters that may stand around the turn: those of Vicuna's conversation."""
    return {len(OPENING) + len(CLOSING)} if name == "rank-vicuna" else {0}


def _scores() -> Iterator[Row]:
    """Which first-stage score stands beside which passage in every window."""
    for setting, window, step, most in (("one window", 100, 50, 60), ("windows of 20, every 10 places", 20, 10, 60)):
        tally = Tally()
        for seed, size in enumerate(sizes(100, 21, most)):
            random, candidates = Random(seed), listed(size)
            scores = tuple(sorted((random.uniform(0, 30) for _ in range(size)), reverse=True))
            candidates = replace(candidates, first_stage_scores=scores)
            own = {id: f"{score:.3f}" for id, score in zip(candidates.ids, scores, strict=True)}
            judge = Writes(write=_said(seed))
            asked = drive(InsertRank(window=window, step=step, scale="raw"), candidates, judge).requests
            ours = [pair for request in asked for pair in _shown(request)]  # type: ignore[arg-type]
            theirs = _their_scores(candidates, window, step, seed)
            tally.add(
                ours == theirs, ours=all(own[id] == score for id, score in ours),
                reference=all(own[id] == score for id, score in theirs),
            )  # fmt: skip
        yield tally.row(
            "insert-rank", rank_llm.PACKAGE, "ListwiseRankLLM.sliding_windows and receive_permutation",
            f"{setting}, 21 to {most} documents: every window's passages with their scores",
            note="a passage must keep its own score; the reference leaves scores at places" if window < most else "",
        )  # fmt: skip


def _said(seed: int) -> rank_llm.Writer:
    judge = Swayed(seed=seed)
    return lambda ids: " > ".join(f"[{place + 1}]" for place in shown_order(judge, ids))


def _shown(request: Generate) -> list[tuple[str, str]]:
    found = re.findall(r"\nScore: (-?[0-9.]+)\n", _text(request.prompt))
    return list(zip(documents_of(request.prompt), found, strict=True))


def _their_scores(candidates: CandidateList, window: int, step: int, seed: int) -> list[tuple[str, str]]:
    ranker = rank_llm.ranker(window, step, _said(seed))
    shown: list[tuple[str, str]] = []
    scores = candidates.first_stage_scores or ()
    plain = ranker.create_prompt

    def create_prompt(result: object, start: int, end: int) -> tuple[list[str], int]:
        for candidate in result.candidates[start:end]:  # type: ignore[attr-defined]
            shown.append((candidate.docid, f"{candidate.score:.3f}"))
        found: tuple[list[str], int] = plain(result, start, end)
        return found

    ranker.create_prompt = create_prompt
    request = rank_llm.result_of(candidates, "Request")
    for candidate, score in zip(request.candidates, scores, strict=True):
        candidate.score = score
    n_docs = len(candidates.ids)
    ranker.sliding_windows(request, 0, n_docs, n_docs, populate_invocations_history=False)
    return shown
