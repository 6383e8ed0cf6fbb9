"""All well-known checkpoints, by kind of use. A new one is an entry in one of these files (docs/models.md)."""

from __future__ import annotations

from core.catalog.checkpoints.checkpoint import Checkpoint
from core.catalog.checkpoints.cross_encoders import CROSS_ENCODERS
from core.catalog.checkpoints.decoders import DECODERS
from core.catalog.checkpoints.listwise import LISTWISE
from core.catalog.checkpoints.t5 import T5
from core.catalog.checkpoints.vectors import VECTORS

CHECKPOINTS: tuple[Checkpoint, ...] = (*CROSS_ENCODERS, *DECODERS, *T5, *LISTWISE, *VECTORS)
