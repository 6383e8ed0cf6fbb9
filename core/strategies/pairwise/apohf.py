"""APOHF: a dueling bandit learns from few comparisons which documents are worth comparing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from core.domain.capabilities import Capability
from core.domain.documents import CandidateList
from core.domain.requests import Embed, EmbedAnswer
from core.strategies.about import About, Fidelity
from core.strategies.base import Slot, Steps, StrategyInfo, ask, by_score, parameter, strategy
from core.strategies.judges import uniform
from core.strategies.pairwise.comparison import CALLS_PER_COMPARISON
from core.strategies.pairwise.duelling import next_pair, random_pairs
from core.strategies.pairwise.referee import Referee
from core.strategies.pairwise.utilities import Duel, LinearUtility, MlpUtility, Utility
from core.strategies.trivial import first_stage_order, is_trivial
from core.strategies.vectors import unit

UTILITIES = ("linear", "mlp")


@strategy(
    name="apohf",
    version=1,
    family="pairwise",
    title="APOHF (dueling bandit)",
    paper="Lin et al. 2024, arXiv:2405.17346",
    slots={
        "embedder": Slot(needs=frozenset({Capability.EMBED_POOLED}), default="all-minilm-l6-v2"),
        "judge": Slot(needs=frozenset({Capability.LABEL_LOGPROBS}), default="smollm2-135m-instruct"),
    },
    about=About(
        summary=(
            "Documents are points in the space of an embedding model; a utility over that space is learnt from duels "
            "that a language model judges. Each duel is between the document that is best so far and the one that may "
            "still beat it. With a fixed budget of duels, what is learnt of some documents carries over to those near "
            "them, and all are ranked by the utility."
        ),
        cost="N embeddings + 2T, T = min(30, N(N - 1)/2) duels",
        rounds="2 + T - T0, T0 random duels at first (5)",
        strengths=(
            "The number of comparisons is a budget and does not grow with the list.",
            "Documents that were never compared are ranked too, by their likeness to those that were.",
        ),
        failures=(
            "Where likeness and relevance have little to do with each other, nothing carries over.",
            "Made to find the best item; the middle of the list is hardly explored.",
            "With few duels the order is rough.",
        ),
        fidelity=Fidelity.OURS,
        fidelity_note=(
            "Choice of duels, utility and training are the paper's, made for prompts and used here for documents; the "
            "default utility is the linear one, fitted exactly, the paper's network is utility=mlp, started at zero; "
            "pairs meet once, because the judge would repeat itself."
        ),
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Apohf:
    """Ranks documents by a utility that is learnt from a budget of duels.

    Formula: first = argmax h; second = argmax h(x) + sqrt(nu Σ_p (∇h(x) - ∇h(first))²_p / U_p), U = diag(Σ φφᵀ + λI); h
    is trained on P(i ≻ j) = sigmoid(h(i) - h(j)), ties count half. Documents of one utility keep their first-stage
    order. Cost: N embeddings and 2T calls of the judge, two rounds and then one duel after another. Paper: APOHF,
    arXiv:2405.17346 (150 duels of 200 prompts, nu = 1, λ = 0.1, network of width 32, 1000 steps of Adam at 0.001).
    """

    info: ClassVar[StrategyInfo]

    duels: int = parameter(30, help="How many comparisons in all.", minimum=1, maximum=10_000)
    initial: int = parameter(5, help="How many of them are drawn at random, at the start.", minimum=0, maximum=1000)
    utility: str = parameter("linear", help="What is learnt: a linear function or a small network.", choices=UTILITIES)
    nu: float = parameter(1.0, help="How much is risked on documents that are little known.", minimum=0.0, maximum=1e6)
    penalty: float = parameter(0.1, help="Lambda: keeps the utility small and U positive.", minimum=1e-6, maximum=1e6)
    width: int = parameter(32, help="Hidden units of the network (mlp only).", minimum=2, maximum=1024)
    steps: int = parameter(1000, help="Training steps before each duel (mlp only).", minimum=1, maximum=100_000)
    seed: int = parameter(0, help="Draws the first pairs and the network's start.", minimum=0, maximum=2**31)

    def rerank(self, candidates: CandidateList) -> Steps:
        """Embeddings, random duels, then one duel per round."""
        if is_trivial(candidates):
            return first_stage_order(candidates)
        documents, text = candidates.documents, candidates.query.text
        requests = [Embed(text=d.content, role="document", document_id=d.id, slot="embedder") for d in documents]
        embedded = yield from ask(requests, EmbedAnswer)
        features = np.asarray(unit(np.stack([answer.vector for answer in embedded])), dtype=np.float64)
        referee = Referee(candidates=candidates, slot="judge", rounds=1)
        pairs = random_pairs(min(self.initial, self.duels), len(documents), self.seed, text)
        yield from referee.compare_all(pairs)
        met: list[Duel] = [(i, j, (1 + referee.known(i, j)) / 2) for i, j in pairs]
        utility = self._utility(text)
        fitted = utility.fit(features, met)
        while len(met) < self.duels and (pair := next_pair(fitted, met, self.nu, self.penalty)) is not None:
            yield from referee.compare_all([pair])
            met.append((*pair, (1 + referee.known(*pair)) / 2))
            fitted = utility.fit(features, met)
            referee.placed(by_score(fitted.values.tolist()), "ranked by the utility so far")
        scores = tuple(fitted.values.tolist())
        return referee.outcome(by_score(scores), scores)

    def forecast(self, n_docs: int) -> int:
        """Every document's vector, and both orders of every duel."""
        pairs = n_docs * (n_docs - 1) // 2
        return n_docs + CALLS_PER_COMPARISON * min(self.duels, pairs) if n_docs > 1 else 0

    def _utility(self, text: str) -> Utility:
        if self.utility == "linear":
            return LinearUtility(penalty=self.penalty)
        seed = int(uniform(self.seed, text, "network") * 2**48)
        return MlpUtility(penalty=self.penalty, width=self.width, steps=self.steps, seed=seed)
