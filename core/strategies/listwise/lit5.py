"""LiT5-Distill: a T5 that reads each passage of a window by itself and writes their order (fusion in the decoder)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList, Document
from core.domain.requests import GenerateAnswer, GenerateFused, Prompt, Wanted
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Slot, StrategyInfo, ask, parameter, strategy
from core.strategies.listwise.passages import documents_at, identifiers, rankllm_part
from core.strategies.listwise.windowed import Read, Windows, reading_of
from core.strategies.permutation import parse_permutation
from core.strategies.prompts import plain, query_part


@strategy(
    name="lit5",
    version=1,
    family="listwise",
    title="LiT5-Distill",
    paper="Tamber et al. 2023, arXiv:2312.16098",
    slots={"model": Slot(needs=frozenset({Capability.GENERATE_FUSED}), format="lit5")},
    about=About(
        summary=(
            "A small T5 that was distilled from RankZephyr. Each passage of a window is encoded by itself together "
            "with the query and its number; the decoder reads all of them and writes the order, best first. The window "
            "moves from the end of the list to its beginning."
        ),
        cost="1 + ceil(max(0, N - w) / s)",
        rounds="1 + ceil(max(0, N - w) / s)",
        strengths=(
            "Listwise at a fraction of the size: 220M to 3B parameters near models of 7B.",
            "Encoding costs grow with the number of passages, not with its square.",
        ),
        failures=(
            "150 tokens of query and passage are read (300 by the newer checkpoints).",
            "Only the best w - s can come up from the very end; what stands further down stays there.",
            "Trained on full windows of 20 (100 for v2-100); other sizes are outside what it has seen.",
        ),
        fidelity=Fidelity.PAPER,
        fidelity_note=(
            "The input is that of castorini/LiT5 and RankLLM, string for string; windows that are shorter than w are "
            "given as they are, where LiT5 fills them up with empty passages and RankLLM does not. The trained weights "
            "were not run."
        ),
        promise=Promise.NOTHING,
        weights=(
            "castorini/LiT5-Distill-base, -large or -xl (and their v2): a [models.NAME] table with kind = seq2seq, "
            "source = hub:..., the format lit5 and max_length = 150 (300 for v2), or Systems > Register."
        ),
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class LiT5(Windows):
    """Orders windows with LiT5-Distill.

    Formula: as RankGPT, from the last window of w passages to the first, s places apart; passage i of a window is read
    as ``Search Query: q Passage: [i] d Relevance Ranking: ``. Cost: 1 + ceil(max(0, N - w) / s) generations one after
    another, each after w encodings. Paper: arXiv:2312.16098.
    """

    info: ClassVar[StrategyInfo]

    max_tokens: int = parameter(
        100, help="Tokens the model may write per window; about five for each passage.", minimum=16, maximum=4096
    )

    def read(self, candidates: CandidateList, seen: Sequence[int]) -> Read:
        """One text, after reading each passage by itself."""
        query, names = candidates.query.text, identifiers(len(seen))
        documents = documents_at(candidates, seen)
        prompts = tuple(_prompt(query, name, document) for name, document in zip(names, documents, strict=True))
        wanted = Wanted(kind="order", names=names)
        request = GenerateFused(prompts=prompts, max_tokens=self.max_tokens, wanted=wanted)
        (answer,) = yield from ask([request], GenerateAnswer)
        return reading_of(parse_permutation(answer.text, len(seen), finished=answer.finished), names, answer.text)


def _prompt(query: str, name: str, document: Document) -> Prompt:
    passage = rankllm_part(document, words=0)
    return plain("Search Query: ", query_part(query), f" Passage: {name} ", passage, " Relevance Ranking: ")
