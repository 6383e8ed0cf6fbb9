"""Systems made of systems: their members become functions of the same module."""

from __future__ import annotations

from core.domain.systems import System
from core.strategies.snippets.script import BY_SCORE, Script

_RRF = """    shares: list[list[float]] = [[] for _ in documents]
    for member in ({members}):
        for rank, place in enumerate(member(query, documents), start=1):
            shares[place].append(1 / ({k} + rank))
    scores = [math.fsum(share) for share in shares]
"""
_CASCADE = """    order = {first}(query, documents)
    head = order[:{keep}]
    best = {second}(query, [documents[place] for place in head])
    return [*(head[place] for place in best), *order[{keep}:]]
"""


def rrf(script: Script, system: System, name: str) -> None:
    """Reciprocal rank fusion."""
    members = [script.member(member) for member in system.members]
    script.use("import math")
    script.function(name, _RRF.format(members=", ".join(members), k=dict(system.parameters)["k"]) + BY_SCORE)


def cascade(script: Script, system: System, name: str) -> None:
    """The second member reorders the best of the first."""
    first, second = (script.member(member) for member in system.members)
    script.function(name, _CASCADE.format(first=first, second=second, keep=dict(system.parameters)["keep"]))
