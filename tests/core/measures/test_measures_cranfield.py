"""Many measures on a run over Cranfield, against trec_eval called directly: equal to four digits, query by query."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import pytrec_eval

from core.measures.effectiveness import evaluate_orders

CRANFIELD = Path(__file__).resolve().parents[4] / "shared" / "data" / "cranfield"
ASKED = {"ndcg", "ndcg_cut.5,10,100", "map", "map_cut.10", "recip_rank", "P.1,5,10", "recall.5,10,100", "Rprec",
         "bpref", "success.1,10", "set_P", "set_recall", "set_F", "infAP"}  # fmt: skip
ORACLE = {
    "nDCG@5": "ndcg_cut_5", "nDCG@10": "ndcg_cut_10", "nDCG@100": "ndcg_cut_100", "nDCG": "ndcg", "AP": "map",
    "AP@10": "map_cut_10", "MRR": "recip_rank", "RR": "recip_rank", "P@1": "P_1", "P@5": "P_5", "P@10": "P_10",
    "R@5": "recall_5", "R@10": "recall_10", "R@100": "recall_100", "Rprec": "Rprec", "Bpref": "bpref",
    "Success@1": "success_1", "Success@10": "success_10", "SetP": "set_P", "SetR": "set_recall", "SetF": "set_F",
    "infAP": "infAP",
}  # fmt: skip
OWN = ("RR@10", "RBP(p=0.8)", "ERR@20", "Judged@10")


@pytest.mark.skipif(not CRANFIELD.is_dir(), reason="the Cranfield collection is not beside the checkout")
def test_equal_to_trec_eval() -> None:
    qrels = _qrels()
    assert len(qrels) == 225
    orders = _plausible_run(qrels)
    found = evaluate_orders(orders, qrels, [*ORACLE, *OWN])
    run = {query: {document: float(100 - at) for at, document in enumerate(order)} for query, order in orders.items()}
    expected = pytrec_eval.RelevanceEvaluator(qrels, ASKED).evaluate(run)
    for ours, theirs in ORACLE.items():
        for query in qrels:
            assert found[query][ours] == pytest.approx(expected[query][theirs], abs=1e-9), (ours, query)
        means = [np.mean([row[name] for row in rows.values()]) for rows, name in ((found, ours), (expected, theirs))]
        assert f"{means[0]:.4f}" == f"{means[1]:.4f}", ours
        assert 0.0 < means[0] < 1.0, ours
    for name in OWN:  # what trec_eval lacks has its own tests; here only that it is there for every query
        assert all(0.0 <= found[query][name] <= 1.0 for query in qrels)


def _plausible_run(qrels: dict[str, dict[str, int]]) -> dict[str, list[str]]:
    """100 documents per query, in which relevant ones are more likely to stand high."""
    lines = (CRANFIELD / "corpus.jsonl").read_text("utf-8").splitlines()
    documents = [json.loads(line)["_id"] for line in lines]
    rng = np.random.default_rng(0)
    orders: dict[str, list[str]] = {}
    for query, labels in qrels.items():
        score = rng.normal(size=len(documents)) + [1.8 * (labels.get(document, 0) > 0) for document in documents]
        orders[query] = [documents[at] for at in np.argsort(-score)[:100]]
    return orders


def _qrels() -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    with next((CRANFIELD / "qrels").glob("*.tsv")).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            found.setdefault(row["query-id"], {})[row["corpus-id"]] = int(row["score"])
    return found
