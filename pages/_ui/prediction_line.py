"""What rankings will cost, in words."""

from __future__ import annotations

from collections.abc import Sequence

from core.services.predictions import Predicted
from pages._ui.wording import counted, seconds


def call_words(predicted: Predicted) -> str:
    """``about 134 model calls in 67 rounds``."""
    if not predicted.calls:
        return "no model call"
    about = "" if predicted.exact else "about "
    rounds = "" if predicted.rounds == 1 else f" in {counted(predicted.rounds, 'round')}"
    return f"{about}{counted(predicted.calls, 'model call')}{rounds}"


def total_words(predicted: Sequence[Predicted]) -> str:
    """``About 12,000 tokens to read and up to 400 to write, about 8 s.``, of all together."""
    read = sum(one.prompt_tokens for one in predicted)
    written = sum(one.most_generated for one in predicted)
    if not any(one.calls for one in predicted):
        return "That takes no time."
    tokens = f"About {read:,} tokens to read" + (f" and up to {written:,} to write" if written else "")
    known = [one.seconds for one in predicted if one.seconds is not None]
    if not known:
        return f"{tokens}; no time is known, since their models were not measured here."
    partly = ", not counting models that were not measured here" if len(known) < len(predicted) else ""
    return f"{tokens}, about {seconds(sum(known))}{partly}."
