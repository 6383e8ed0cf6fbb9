"""How JSON columns are written."""

from __future__ import annotations

import json


def compact_json(value: object) -> str:
    """JSON without blanks; ValueError for NaN and infinities."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
