"""The wire: every message of core/engine/messages.py as one JSON text in one frame.

``{"m": message, "d": documents}``; documents travel once per message, lists refer to them by row.
"""

from __future__ import annotations

import json

from core.domain.codec import CodecError, DocumentTable, coder
from core.domain.errors import EngineError
from core.engine.messages import Message


class ProtocolError(EngineError):
    """A message cannot be written to the wire, or what was read is no message."""


def encode(message: Message) -> bytes:
    """``message`` as JSON bytes; ProtocolError for values that must not travel, such as NaN."""
    table = DocumentTable()
    try:
        body = coder(Message).encode(message, table)
        return json.dumps({"m": body, "d": table.rows}, allow_nan=False, separators=(",", ":")).encode("ascii")
    except (CodecError, TypeError, ValueError) as error:
        raise ProtocolError(f"{type(message).__name__} cannot be sent to the engine: {error}.") from error


def decode(frame: bytes) -> Message:
    """The message in ``frame``; ProtocolError where it is none."""
    try:
        envelope = json.loads(frame)
        if not isinstance(envelope, dict) or envelope.keys() != {"m", "d"}:
            raise CodecError("an envelope of m and d wanted")
        message: Message = coder(Message).decode(envelope["m"], DocumentTable.of_rows(envelope["d"]))
    except (CodecError, TypeError, ValueError, RecursionError) as error:
        raise ProtocolError(f"What the other process sent is no message: {error}.") from error
    return message
