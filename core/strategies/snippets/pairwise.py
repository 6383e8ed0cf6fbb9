"""Pairwise ranking prompting in code."""

from __future__ import annotations

from core.domain.systems import System
from core.strategies.snippets.language_models import LABELS, constants, prepared
from core.strategies.snippets.script import BY_SCORE, NotInFewLinesError, Script

_PREFERENCE = '''
def prefers(model: LanguageModel, query: str, first: str, second: str) -> int:
    """1 where passage A is likelier, -1 where passage B is."""
    first, second = (passage(model.clean(text)) for text in (first, second))
    user = {user}.format(first=first, second=second, query=model.clean(query))
    a, b = label_masses(model, {system}, user, {labels})
    return int(a > b) - int(a < b)


def verdict(model: LanguageModel, query: str, first: str, second: str) -> int:
    """1 or -1 where both orders agree, else 0."""
    forward, backward = prefers(model, query, first, second), -prefers(model, query, second, first)
    return forward if forward == backward else 0
'''
_ALL_PAIR = """    scores = [0.0] * len(documents)
    for low, high in itertools.combinations(range(len(documents)), 2):
        share = (1 + verdict({model}, query, documents[low], documents[high])) / 2
        scores[low] += share
        scores[high] += 1 - share
"""
_HEAPSORT = """    known: dict[tuple[int, int], int] = {{}}

    def before(left: int, right: int) -> bool:
        low, high = min(left, right), max(left, right)
        if (low, high) not in known:
            known[low, high] = verdict({model}, query, documents[low], documents[high])
        won = known[low, high] if left == low else -known[low, high]
        return won > 0 or (won == 0 and left < right)

    def sift_down(root: int) -> None:
        while (child := 2 * root + 1) < len(heap):
            if child + 1 < len(heap) and before(heap[child + 1], heap[child]):
                child += 1
            if not before(heap[child], heap[root]):
                return
            heap[root], heap[child] = heap[child], heap[root]
            root = child

    heap, best = list(range(len(documents))), []
    for root in reversed(range(len(heap) // 2)):
        sift_down(root)
    while heap and len(best) < {k}:
        best.append(heap[0])
        last = heap.pop()
        if heap and len(best) < {k}:
            heap[0] = last
            sift_down(0)
    return [*best, *(place for place in range(len(documents)) if place not in best)]
"""


def all_pair(script: Script, system: System, name: str) -> None:
    """Every pair in both orders; wins are counted."""
    script.use("import itertools")
    script.function(name, _ALL_PAIR.format(model=_judge(script, system)) + BY_SCORE)


def heapsort(script: Script, system: System, name: str) -> None:
    """The best k by a heap, the rest as it came."""
    model = _judge(script, system)
    script.function(name, _HEAPSORT.format(model=model, k=dict(system.parameters)["k"]))


def _judge(script: Script, system: System) -> str:
    """The variable of the model; the comparison is written before the functions that use it."""
    if dict(system.parameters)["mode"] != "likelihood":
        raise NotInFewLinesError("Reading a label out of what a model writes takes more than a few lines.")
    asked, model = prepared(script, system)
    names = constants(script, system, asked)
    script.once(LABELS)
    script.once(_PREFERENCE.format(**names))
    return model
