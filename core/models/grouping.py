"""Groups of rows for one forward pass: neighbours in length, so that little is padding.

Measured on one CPU core, 135M parameters, 16 prompts of about 160 tokens, against one row at a time: all rows in
one padded pass 0.88, groups of nearly equal length 1.09; so groups are small and nearly uniform. Decoding gains
1.65 with 8 rows, since a step reads all weights whatever the number of rows. A GPU wants full batches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLimits:
    """``tokens``: padded tokens of one group; ``waste``: share of them that may be padding; ``rows``: at most."""

    tokens: int
    waste: float
    rows: int


CPU_ENCODING = GroupLimits(tokens=2_048, waste=0.05, rows=32)
GPU_ENCODING = GroupLimits(tokens=65_536, waste=0.3, rows=1_024)
CPU_SCORING = GroupLimits(tokens=512, waste=0.05, rows=8)
GPU_SCORING = GroupLimits(tokens=32_768, waste=0.3, rows=256)
CPU_DECODING = GroupLimits(tokens=4_096, waste=0.25, rows=8)
GPU_DECODING = GroupLimits(tokens=65_536, waste=0.5, rows=128)


def group(lengths: Sequence[int], limits: GroupLimits) -> list[list[int]]:
    """Positions in groups, longest first. Each group holds at least one row, whatever its length."""
    order = sorted(range(len(lengths)), key=lambda place: -lengths[place])
    groups: list[list[int]] = []
    used = 0
    for place in order:
        if groups:
            size, longest = len(groups[-1]) + 1, lengths[groups[-1][0]]
            padded = size * longest
            wasted = 1 - (used + lengths[place]) / padded if padded else 0.0
            if padded <= limits.tokens and wasted <= limits.waste and size <= limits.rows:
                groups[-1].append(place)
                used += lengths[place]
                continue
        groups.append([place])
        used = lengths[place]
    return groups
