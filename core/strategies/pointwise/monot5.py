"""monoT5: a T5 that was trained to answer true or false after query and document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList, Document
from core.domain.errors import InvalidInputError
from core.domain.requests import LabelAnswer, LabelLogprobs, Prompt
from core.strategies.about import About, Fidelity, Promise
from core.strategies.base import Outcome, Slot, Steps, StrategyInfo, ask, by_score, parameter, strategy
from core.strategies.pointwise.two_labels import repairs
from core.strategies.prompts import plain, query_part
from core.strategies.t5 import line_part, log_share
from core.strategies.trivial import first_stage_order, is_trivial


@strategy(
    name="monot5",
    version=1,
    family="pointwise",
    title="monoT5",
    paper="Nogueira et al. 2020, arXiv:2003.06713",
    slots={"model": Slot(needs=frozenset({Capability.LABEL_LOGPROBS}), format="monot5")},
    about=About(
        summary=(
            "A sequence-to-sequence model that was trained on MS MARCO reads query and document and answers with one "
            "word, true or false. The probability of true against false at the first decoder step is the score."
        ),
        cost="N",
        rounds="1",
        strengths=(
            "A strong, much-used baseline that carries over to new domains: the 3B model is still hard to beat.",
            "One decoder step per document; a score depends on nothing but its document.",
        ),
        failures=(
            "512 tokens are read; what stands behind them does not count.",
            "Multilingual checkpoints answer with other words; with the wrong ones the order is noise.",
        ),
        fidelity=Fidelity.REFERENCE,
        fidelity_note=(
            "The score equals that of rerankers' T5Ranker and of RankLLM's MonoT5 without padding on a random model, "
            "as its exponential; the template is compared as a string with castorini/pygaggle. The trained weights "
            "were not run."
        ),
        promise=Promise.ORDER,
        weights=(
            "castorini/monot5-base-msmarco-10k, -large-, -3b- or unicamp-dl/InRanker: a [models.NAME] table with "
            "kind = seq2seq, source = hub:... and the format monot5, or Systems > Register. Other words: yes and no "
            "for unicamp-dl/mt5-base-*, sim and não for ptt5-base-*, Sim and Não for monoptt5-*."
        ),
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class MonoT5:
    """Scores each document by the words true and false after ``Query: q Document: d Relevant:``.

    Formula: s(d) = log softmax([z_false, z_true])_true at the first decoder step (token ids 6136 and 1176 of T5), the
    same from log-probabilities over the vocabulary. Title and text stand in one line. Only the document is shortened,
    never the query or the closing word. Cost: N calls in one round, no text is generated. Paper: arXiv:2003.06713.
    """

    info: ClassVar[StrategyInfo]

    positive: str = parameter("true", help="The word that the checkpoint answers for a relevant document.")
    negative: str = parameter("false", help="The word that it answers for any other.")

    def __post_init__(self) -> None:
        """InvalidInputError unless there are two different words."""
        if not self.positive or not self.negative or self.positive == self.negative:
            raise InvalidInputError(
                f"positive and negative must be two different words, not {self.positive!r} and {self.negative!r}."
            )

    def rerank(self, candidates: CandidateList) -> Steps:
        """All documents in one round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        query, words = candidates.query.text, (self.positive, self.negative)
        requests = [LabelLogprobs(prompt=_prompt(query, d), labels=words) for d in candidates.documents]
        answers = yield from ask(requests, LabelAnswer)
        pairs = [(answer.logprobs[0], answer.logprobs[1]) for answer in answers]
        scores = tuple(log_share(*pair) for pair in pairs)
        return Outcome(order=by_score(scores), scores=scores, repairs=repairs(candidates, pairs, *words))

    def forecast(self, n_docs: int) -> int:
        """Every document."""
        return n_docs if n_docs > 1 else 0


def _prompt(query: str, document: Document) -> Prompt:
    return plain("Query: ", query_part(query), " Document: ", line_part(document), " Relevant:")
