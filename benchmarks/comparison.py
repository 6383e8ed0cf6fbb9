"""Five systems without an LLM over twenty documents that nobody has ever seen, with warm models."""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Sequence

from core.bootstrap import App, start
from core.datasets.sample import sample_folder
from core.domain.documents import Document
from core.domain.jobs import JobState
from core.settings import Settings

SYSTEMS = ("first-stage", "bm25", "bi-encoder", "maxsim", "rrf?of=(bm25,bi-encoder)")
DOCUMENTS = 20
WORDS = 80  # the sample's passages have 60 to 110


def measure(settings: Settings, rounds: int, seed: int) -> list[float]:
    """Seconds from the documents to the last stored ranking, per round; one round more goes first, unmeasured."""
    app = start(settings)
    try:
        words = _words()
        rng = random.Random(seed)
        return [_round(app, words, rng) for _ in range(rounds + 1)][1:]
    finally:
        app.close()


def _round(app: App, words: Sequence[str], rng: random.Random) -> float:
    documents = [
        Document(id=str(number), title=_text(words, rng, 4), text=_text(words, rng, WORDS))
        for number in range(DOCUMENTS)
    ]
    query = _text(words, rng, 8)
    began = time.perf_counter()
    candidates = app.candidates.pasted(query, documents)
    job = app.playground.compare(candidates, SYSTEMS)
    job = app.jobs.wait(job.id, timeout=120)
    seconds = time.perf_counter() - began
    ranked = sum(column.ranking is not None for column in app.playground.view(candidates, SYSTEMS).columns)
    if job.state is not JobState.DONE or ranked != len(SYSTEMS):
        raise RuntimeError(f"The comparison ended {job.state} with {ranked} of {len(SYSTEMS)} rankings: {job.message}")
    return seconds


def _words() -> list[str]:
    """Words of the sample's passages, as often as they occur there, so that a model meets real tokens."""
    lines = (sample_folder() / "corpus.jsonl").read_text("utf-8").splitlines()
    return [word for line in lines for word in re.findall(r"[\w'-]+", json.loads(line)["text"])]


def _text(words: Sequence[str], rng: random.Random, length: int) -> str:
    return " ".join(rng.choice(words) for _ in range(length)).capitalize() + "."
