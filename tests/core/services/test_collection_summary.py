"""Figures of a collection: grades, who judged, and agreement as the ratings package computes it."""

from __future__ import annotations

import math
import random
from pathlib import Path

import numpy as np
import pytest

from core.bootstrap import App
from core.domain.collections import Collection
from core.ratings.agreement import krippendorff_alpha
from core.services import collection_summary
from core.services.collection_summary import agreement
from core.services.import_process import sample_at_hand
from tests.support.collections_on_disk import write_small_beir


def test_figures(app: App, small: Collection) -> None:
    found = app.collections.summary("small")
    assert (found.language, found.grades) == ("en", {1: 5, 2: 5})
    assert (found.judged_documents, found.judged_queries) == (10, 5)
    assert (found.assessors, found.agreement) == ({}, None)
    assert set(found.fingerprints) == {"corpus", "queries", "qrels"}
    assert app.collections.summary(small.fingerprint) is found


def test_assessors(app: App, tmp_path: Path) -> None:
    path = write_small_beir(tmp_path / "beir")
    rows = ["query-id\tcorpus-id\tscore\tassessor", "q0\td0\t1\tann", "q0\td0\t0\tben", "q0\td1\t2\tben"]
    (path / "qrels" / "test.tsv").write_text("\n".join(rows) + "\n", "utf-8")
    app.collections.import_path(path, "judged")
    found = app.collections.summary("judged")
    assert found.assessors == {"ann": 1, "ben": 2}
    assert found.agreement is not None
    assert (found.agreement.items, found.agreement.value) == (1, 0.0)
    assert math.isnan(found.agreement.low)


def test_agreement_is_alpha_over_pairs_judged_twice() -> None:
    rng = random.Random(3)
    grades = {(n, who): rng.choice((0, 0, 1, 3)) for n in range(40) for who in range(3) if rng.random() < 0.8}
    given = [("q", str(who), str(n), grade) for (n, who), grade in grades.items()]
    expected = krippendorff_alpha(np.array([n for n, _ in grades], np.int64), np.array(list(grades.values()), np.int64))
    found = agreement(given)
    assert found.value == pytest.approx(expected.value)
    assert found.items == expected.items


def test_many_judgments_are_stood_for_by_evenly_spread_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    given = [("q", who, str(n), n % 2) for n in range(1000) for who in ("ann", "ben")]
    monkeypatch.setattr(collection_summary, "MOST_CELLS", 4 * 100)
    found = agreement(given)
    assert 0 < found.items <= 100


def test_nothing_is_shared() -> None:
    found = agreement([("q", "ann", "a", 1), ("q", "ben", "b", 1)])
    assert (found.items, math.isnan(found.value)) == (0, True)


def test_the_sample_is_imported_by_a_process_that_waited(app: App) -> None:
    with sample_at_hand(app.settings.collections_dir) as process:
        assert process is not None
        sample = app.collections.ensure_sample(process)
    assert sample.fingerprint.startswith("364160c2264765")
    with sample_at_hand(app.settings.collections_dir) as process:
        assert process is None


def test_a_process_that_is_not_needed_goes(tmp_path: Path) -> None:
    with sample_at_hand(tmp_path) as process:
        assert process is not None
    assert process._process.returncode == 0
