"""Passages handed over one by one: a turn of the user for each, acknowledged by the assistant, and a final request."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.domain.requests import Message, Part, Prompt
from core.strategies.prompts import Piece, message


def handed_over(
    system: str,
    announcement: Sequence[Piece],
    ready: str,
    passages: Sequence[tuple[str, Part]],
    received: str,
    task: Sequence[Piece],
    *,
    after: str = " ",
) -> Prompt:
    """``ready``: the assistant's answer to the announcement. ``passages``: name ([1]) and text of each; ``received``:
    what the assistant says of one, with {} for its name; ``after``: what stands between name and text."""
    messages: list[Message] = [
        message("system", system),
        message("user", *announcement),
        message("assistant", ready),
    ]
    for name, part in passages:
        messages.append(message("user", f"{name}{after}", part))
        messages.append(message("assistant", received.replace("{}", name)))
    return Prompt(messages=(*messages, message("user", *task)))


def without_echo(text: str, received: str) -> str:
    """The text without acknowledgements: a small model goes on with them, and the passage that it names is no answer.

    ``received``: the sentence, with {} for a name of at most 16 characters.
    """
    sentence = re.escape(received).replace(r"\{\}", r"[^\n]{1,16}?")
    return re.sub(sentence, "", text)
