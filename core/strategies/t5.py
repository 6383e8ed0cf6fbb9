"""What the input formats of T5 rerankers share: a document in one line, and the share of one word of two.

Their templates are one line of text: T5's tokenizer makes one blank of any white space, so nothing is lost by it.
"""

from __future__ import annotations

import math

from core.domain.documents import Document
from core.domain.requests import Part

FAR = 1_000.0  # log-odds where only one of two words came back; beyond what any logits give


def line_part(document: Document) -> Part:
    """Title and text joined by a blank, as these checkpoints were trained; nothing is marked or disarmed."""
    text = f"{document.title} {document.text}".strip()
    return Part(text=text, kind="document", document_id=document.id)


def log_share(positive: float | None, negative: float | None) -> float:
    """log(p+ / (p+ + p-)), the log-softmax over two words, from their log-probabilities or logits.

    At least -FAR; 0 where only the positive came back, -FAR where only the negative did, -2·FAR where neither.
    """
    if positive is None and negative is None:
        return -2 * FAR
    if positive is None or negative is None:
        return -FAR if positive is None else 0.0
    odds = 0.0 if positive == negative else min(FAR, max(-FAR, positive - negative))
    return max(-FAR, min(0.0, odds) - math.log1p(math.exp(-abs(odds))))
