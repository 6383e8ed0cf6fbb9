"""Late interaction beside PyLate, cross-encoders and bi-encoders beside sentence-transformers, BM25 beside bm25s."""

from __future__ import annotations

import importlib
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import bm25s
import numpy as np
import torch
import transformers
from sentence_transformers import CrossEncoder, SentenceTransformer

from benchmarks.reference.absent import absent, bare
from benchmarks.reference.models import Largest, Loaded, close, loaded, scores_of, scratch, texts
from benchmarks.reference.opinions import listed
from benchmarks.reference.tally import Row, Tally
from core.domain.documents import CandidateList, Query
from core.domain.models import ModelKind
from core.domain.requests import Answer, Embed, EmbedAnswer, Request, ScoreList, ScoreListAnswer
from core.measures.analysis import Analyzer
from core.retrieval.bm25_index import K1, B
from core.retrieval.scoring import lexical_scores
from core.strategies.driver import drive
from core.strategies.embedding.bi_encoder import BiEncoder
from core.strategies.embedding.late_interaction import LateInteraction
from core.strategies.embedding.maxsim import MaxSim
from core.strategies.lexical.bm25 import Bm25
from core.strategies.pointwise.cross_encoder import CrossEncoder as OurCrossEncoder
from core.strategies.vectors import unit
from tests.support.tiny_models import save_bert, save_bert_classifier

LISTS = 60
DIM = 8


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """Random token vectors; ``turn``: how far they all point one way, so that most cosines are negative below 0."""

    seed: int
    turn: float = 0.0

    def of(self, text: str, role: str) -> np.ndarray[Any, Any]:
        """(1 to 12, dim), not normalised."""
        random = np.random.default_rng([self.seed, *text.encode(), role == "query"])
        found = random.normal(size=(int(random.integers(1, 13)), DIM)).astype(np.float32)
        found[:, 0] += self.turn if role == "query" else abs(self.turn)
        return found

    def answer(self, request: Request) -> Answer:
        """The vectors of a text."""
        assert isinstance(request, Embed)
        return EmbedAnswer(vector=self.of(request.text, request.role))


def rows() -> Iterator[Row]:
    """All comparisons."""
    for name, strategy in (("maxsim", MaxSim()), ("late-interaction", LateInteraction(alpha=1.0, beta=0))):
        yield _maxsim(name, strategy)
    yield _padded()
    yield _cross_encoder()
    yield _bi_encoder()
    yield from _bm25()


def pylate(name: str) -> ModuleType:
    """A module of PyLate; transformers is loaded first."""
    assert transformers.AutoModel
    bare("pylate")
    with absent("fastkmeans", "datasets", "ujson", "voyager"):
        return importlib.import_module(f"pylate.{name}")


def _maxsim(name: str, strategy: MaxSim | LateInteraction) -> Row:
    scoring, tally, largest = pylate("scores.colbert").colbert_scores, Tally(), Largest()
    for seed in range(200):
        candidates, model = listed(Random(seed).randint(2, 20)), Tokens(seed=seed)
        query = unit(model.of(candidates.query.text, "query"))
        ours = drive(strategy, candidates, model).outcome.scores or ()
        for own, id in zip(ours, candidates.ids, strict=True):
            document = unit(model.of(id, "document"))
            found = float(scoring(torch.tensor(query)[None], torch.tensor(document)[None])[0, 0])
            tally.add(close(own, found))
            largest.told(own, found)
    what = ", alpha = 1, beta = 0: nothing is pruned and no exit is early" if name != "maxsim" else ""
    return tally.row(
        name, "pylate", "colbert_scores", f"random unit vectors of 1 to 12 tokens, each document by itself{what}",
        note=largest.note,
    )  # fmt: skip


def _padded() -> Row:
    """PyLate's rerank pads documents with zeros, and a zero is nearer than a negative cosine."""
    rerank, tally = pylate("rank.rank").rerank, Tally()
    scoring = pylate("scores.colbert").colbert_scores
    for seed in range(200):
        candidates, model = listed(Random(seed).randint(2, 20)), Tokens(seed=seed, turn=-2.0)
        query = torch.tensor(unit(model.of(candidates.query.text, "query")))
        documents = [torch.tensor(unit(model.of(id, "document"))) for id in candidates.ids]
        (found,) = rerank([list(candidates.ids)], [query], [documents])
        right = {
            id: float(scoring(query[None], vectors[None])[0, 0])
            for id, vectors in zip(candidates.ids, documents, strict=True)
        }
        ours = drive(MaxSim(), candidates, model).outcome
        own = [candidates.ids[position] for position in ours.order]
        theirs, best = [item["id"] for item in found], sorted(right, key=lambda id: -right[id])
        tally.add(own == theirs, ours=own == best, reference=theirs == best)
    return tally.row(
        "maxsim", "pylate", "rank.rerank", "orders of documents that mostly point away from the query",
        note="right is its own score of each document alone; a zero of the padding wins over negative cosines",
    )  # fmt: skip


@cache
def _tiny(kind: str) -> tuple[Path, Loaded]:
    save, model_kind = {
        "cross": (save_bert_classifier, ModelKind.CROSS_ENCODER), "embed": (save_bert, ModelKind.EMBEDDER),
    }[kind]  # fmt: skip
    folder = save(scratch() / kind)
    return folder, loaded(folder, model_kind, 64)


def _lower(seed: int) -> CandidateList:
    """Short enough for 64 positions."""
    return texts(seed, 12)


def _cross_encoder() -> Row:
    folder, model = _tiny("cross")
    theirs, tally, largest = (
        CrossEncoder(str(folder), device="cpu", activation_fn=torch.nn.Identity()),
        Tally(),
        Largest(),
    )
    for seed in range(LISTS):
        candidates = _lower(seed)
        pairs = [(candidates.query.text, d.text) for d in candidates.documents]
        found = theirs.predict(pairs, show_progress_bar=False).tolist()
        for own, score in zip(scores_of(OurCrossEncoder(), candidates, model), found, strict=True):
            tally.add(close(own, score))
            largest.told(own, score)
    setting = "a random two-layer BERT with one label, padded batches, the logit itself"
    return tally.row("cross-encoder", "sentence-transformers", "CrossEncoder.predict", setting, note=largest.note)


def _bi_encoder() -> Row:
    folder, model = _tiny("embed")
    theirs, tally, largest = SentenceTransformer(str(folder), device="cpu"), Tally(), Largest()
    for seed in range(LISTS):
        candidates = _lower(seed)
        query = theirs.encode([candidates.query.text], show_progress_bar=False)
        documents = theirs.encode([d.text for d in candidates.documents], show_progress_bar=False)
        found = theirs.similarity(query, documents)[0].tolist()
        for own, score in zip(scores_of(BiEncoder(), candidates, model), found, strict=True):
            tally.add(close(own, score))
            largest.told(own, score)
    setting = "a random two-layer BERT, mean of its tokens, padded batches"
    return tally.row(
        "bi-encoder", "sentence-transformers", "SentenceTransformer.encode, similarity", setting, note=largest.note
    )


class _Lexical:
    """BM25 as the engine answers it for a list without a collection."""

    def answer(self, request: Request) -> Answer:
        """Scores of the list."""
        assert isinstance(request, ScoreList)
        found = lexical_scores(None, None, request.query, request.documents, scratch())
        return ScoreListAnswer(scores=found)


def _bm25() -> Iterator[Row]:
    library, formula, largest = Tally(), Tally(), Largest()
    analyzer = Analyzer("en")
    for seed in range(200):
        candidates = texts(seed, 60)
        if seed % 3 == 0:  # a word of the query twice
            words = candidates.query.text
            candidates = replace(candidates, query=Query(id="q", text=f"{words} {words.split()[0]}"))
        ours = drive(Bm25(), candidates, _Lexical()).outcome.scores or ()
        corpus, query = [analyzer.stems(d.content) for d in candidates.documents], analyzer.stems(candidates.query.text)
        for own, theirs, plain in zip(ours, _bm25s(corpus, query), _lucene(corpus, query), strict=True):
            library.add(own == theirs)
            formula.add(close(own, plain))
            largest.told(own, plain)
    setting = "3 to 9 documents of 1 to 60 words, the same analysed words"
    yield library.row("bm25", "bm25s", "BM25(method=lucene).get_scores", f"{setting}: bit for bit")
    yield formula.row(
        "bm25", "bm25s", "its formula in double precision, written out",
        f"{setting}: the sum over the query's words of ln(1 + (N - df + 0.5) / (df + 0.5)) tf / (tf + k1 (1 - b + "
        "b |d| / avg))", note=largest.note,
    )  # fmt: skip


def _bm25s(corpus: list[list[str]], query: list[str]) -> list[float]:
    known = {word for words in corpus for word in words}
    asked = [word for word in query if word in known]
    if not asked:
        return [0.0] * len(corpus)
    index = bm25s.BM25(k1=K1, b=B, method="lucene")
    index.index(corpus, show_progress=False)
    return [float(score) for score in index.get_scores(asked)]


def _lucene(corpus: list[list[str]], query: list[str]) -> list[float]:
    mean = sum(map(len, corpus)) / len(corpus)
    scores = []
    for words in corpus:
        counts, score = Counter(words), 0.0
        for word in query:
            holding = sum(word in other for other in corpus)
            if counts[word]:
                idf = math.log(1 + (len(corpus) - holding + 0.5) / (holding + 0.5))
                score += idf * counts[word] / (counts[word] + K1 * (1 - B + B * len(words) / mean))
        scores.append(score)
    return scores
