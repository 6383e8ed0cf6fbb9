"""What a ranking will cost, in words."""

from __future__ import annotations

from core.services.predictions import Predicted
from pages._ui.wording import counted, seconds


def cost_words(predicted: Predicted) -> str:
    """``about 134 model calls in 67 rounds, reading about 12,000 tokens, about 8 s``."""
    if not predicted.calls:
        return "no model call"
    about = "" if predicted.exact else "about "
    words = f"{about}{counted(predicted.calls, 'model call')}"
    words += f" in {about}{counted(predicted.rounds, 'round')}"
    words += f", reading about {predicted.prompt_tokens:,} tokens"
    if predicted.most_generated:
        words += f" and writing up to {predicted.most_generated:,}"
    if predicted.seconds is None:
        return f"{words}; no time is known, since its model was not measured here"
    return f"{words}, about {seconds(predicted.seconds)}"
