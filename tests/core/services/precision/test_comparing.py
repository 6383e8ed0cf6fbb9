"""The figures of a check, by hand."""

import pytest

from core.domain.documents import CandidateList, Document, Query
from core.domain.work import Probed
from core.services.precision.comparing import figures

DOCUMENTS = tuple(Document(id=id, text=id) for id in "abcd")


def made(query: str) -> CandidateList:
    return CandidateList(query=Query(id=query, text=query), documents=DOCUMENTS, collection="c", first_stage="bm25")


def heard(orders: dict[CandidateList, str], wall_ms: tuple[float | None, ...]) -> dict[str, Probed]:
    return {
        candidates.hash: Probed(
            job="j",
            system="s",
            candidates=candidates.hash,
            wall_ms=taken,
            order=tuple(order),
            memory=(),
            device="cpu",
            machine="cpu",
        )
        for (candidates, order), taken in zip(orders.items(), wall_ms, strict=True)
    }


def test_by_hand() -> None:
    same, swapped = made("q1"), made("q2")
    full = heard({same: "abcd", swapped: "abcd"}, (10.0, 30.0))
    lower = heard({same: "abcd", swapped: "bacd"}, (4.0, None))
    found = figures([same, swapped], lower, full, {swapped.hash: {"a": 1}})
    # one of six pairs turned round: tau 4 / 6
    assert found.tau == pytest.approx((1 + 2 / 3) / 2)
    assert found.unchanged == 0.5
    # a in second place gains 1 / log2(3); the query without labels does not count
    assert (found.full_ndcg, found.ndcg) == (1.0, pytest.approx(0.6309297535714575))
    assert (found.full_seconds, found.seconds) == (pytest.approx(0.02), pytest.approx(0.004))
    assert found.tau_low == pytest.approx(2 / 3)
    assert found.tau_high == pytest.approx(1.0)


def test_one_query_without_labels_or_time() -> None:
    only = made("q1")
    full, lower = heard({only: "abcd"}, (None,)), heard({only: "dcba"}, (None,))
    found = figures([only], lower, full, {})
    assert found.tau == -1.0
    assert (found.tau_low, found.tau_high, found.ndcg, found.full_ndcg, found.seconds, found.full_seconds) == (
        None,
    ) * 6
