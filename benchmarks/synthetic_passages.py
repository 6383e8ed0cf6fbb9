"""A corpus of any size from one seed: words by Zipf's law, lengths of short web passages, queries with one answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

QUERIES, VOCABULARY, SEED = 200, 500_000, 5
MEAN_WORDS, BLOCK = 56, 20_000


def prepared(folder: Path, passages: int) -> Path:
    """The corpus as a BEIR folder, made where it is not there."""
    source = folder / "source"
    if not (source / "qrels" / "test.tsv").is_file():
        (source / "qrels").mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(SEED)
        with (source / "corpus.jsonl").open("w", encoding="utf-8") as file:
            for number, text in enumerate(passages_of(rng, passages)):
                file.write(f'{{"_id": "p{number}", "title": "", "text": "{text}"}}\n')
        _write_queries(source, rng, passages)
    return source


def passages_of(rng: np.random.Generator, passages: int) -> Iterator[str]:
    """Texts of words whose frequencies fall as 1 / (rank + 2.7), lengths log-normal."""
    words = np.array([spelled(rank) for rank in range(VOCABULARY)], dtype=object)
    cumulative = np.cumsum(1.0 / (np.arange(VOCABULARY) + 2.7))
    cumulative /= cumulative[-1]
    for start in range(0, passages, BLOCK):
        lengths = np.clip(rng.lognormal(np.log(MEAN_WORDS) - 0.08, 0.4, min(BLOCK, passages - start)), 3, 400).astype(
            int
        )
        drawn = words[np.searchsorted(cumulative, rng.random(int(lengths.sum())))]
        ends = np.cumsum(lengths).tolist()
        for begin, end in zip([0, *ends[:-1]], ends, strict=True):
            yield " ".join(drawn[begin:end])


def spelled(rank: int) -> str:
    """The word of this rank: syllables, so that frequent words are short."""
    syllables = ""
    rank += 1
    while rank:
        rank, rest = divmod(rank, 70)
        syllables += "bcdfglmnprstvz"[rest % 14] + "aeiou"[rest // 14]
    return syllables


def _write_queries(source: Path, rng: np.random.Generator, passages: int) -> None:
    """Five words each; the passage that has the words is the relevant one."""
    with (source / "corpus.jsonl").open(encoding="utf-8") as corpus:
        chosen = set(rng.choice(passages, size=min(QUERIES, passages), replace=False).tolist())
        texts = {number: json.loads(line)["text"].split() for number, line in enumerate(corpus) if number in chosen}
    with (source / "queries.jsonl").open("w", encoding="utf-8") as queries:
        for number, words in texts.items():
            text = " ".join(rng.choice(words, size=min(5, len(words)), replace=False).tolist())
            queries.write(json.dumps({"_id": f"q{number}", "text": text}) + "\n")
    rows = [f"q{number}\tp{number}\t1" for number in texts]
    (source / "qrels" / "test.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *rows]) + "\n", "utf-8")
