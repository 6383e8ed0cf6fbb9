"""The one-turn layout that RankLLM's models were trained on, with the wording of the code at their release.

    I will provide you with N passages, each indicated by a numerical identifier []. Rank the passages based on their
    relevance to the search query: Q.
    (empty line)
    [1] text
    ...
    Search Query: Q.
    Rank the N passages above ... (the ending differs between models)

Source: rank_listwise_os_llm.py of castorini/rank_llm when RankVicuna and RankZephyr came out (2023/24), which FIRST,
RankMistral100 and ReasonRank took over with other endings. Later versions of RankLLM say "Answer concisely and
directly and only respond ..." there and leave the empty line out.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.documents import Document
from core.domain.requests import Part
from core.strategies.listwise.passages import identifiers, rankllm_part
from core.strategies.prompts import query_part

ONLY_THE_RANKING = "Only respond with the ranking results, do not say any word or explain."


def output_format(example: str) -> str:
    """The ending of the models that write nothing but the order."""
    return f"The output format should be [] > [], e.g., {example}, {ONLY_THE_RANKING}"


def rankllm_turn(
    query: str, documents: Sequence[Document], *, ending: str, words: int, kind: str = "a numerical"
) -> tuple[Part, ...]:
    """The user's turn. ``kind``: of the identifiers, with its article; "a alphabetical" letters the passages."""
    letters = "alphabetical" in kind
    n = len(documents)
    asked = query_part(query)
    pieces: list[Part] = [
        Part(
            text=f"I will provide you with {n} passages, each indicated by {kind} identifier []. Rank the passages "
            "based on their relevance to the search query: "
        ),
        asked,
        Part(text=".\n\n"),
    ]
    for name, document in zip(identifiers(n, letters=letters), documents, strict=True):
        pieces += [Part(text=f"{name} "), rankllm_part(document, words=words, letters=letters), Part(text="\n")]
    task = (
        f".\nRank the {n} passages above based on their relevance to the search query. All the passages should be "
        f"included and listed using identifiers, in descending order of relevance. {ending}"
    )
    return (*pieces, Part(text="Search Query: "), asked, Part(text=task))
