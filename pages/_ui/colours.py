"""One colour per system, the same on every screen, legible on light and on dark ground.

The built-in strategies with their default models have fixed colours; any other system gets one by a digest of its
specification, so that it is the same tomorrow and on a colleague's screen. Colours only help the eye: a name always
stands beside them.
"""

from __future__ import annotations

import hashlib

_BUILT_IN = {
    "first-stage": "#7b8494",
    "bm25": "#3b7dd8",
    "bi-encoder": "#0f9488",
    "maxsim": "#8b5cf6",
    "query-likelihood": "#d9730d",
    "rrf?of=(bm25,bi-encoder)": "#d6457f",
    "yes-no": "#5f8f1f",
    "prp-all-pair": "#a0673c",
    "prp-heapsort": "#0891b2",
    "listwise": "#b04fc4",
}
_OTHERS = ("#6672e0", "#b5541c", "#2f9e56", "#8a7d12", "#c2456a", "#2b8fb0", "#9060d0", "#7a8f2a")


def colour(spec: str) -> str:
    """The colour of a system as #rrggbb."""
    if spec in _BUILT_IN:
        return _BUILT_IN[spec]
    return _OTHERS[hashlib.sha256(spec.encode()).digest()[0] % len(_OTHERS)]
