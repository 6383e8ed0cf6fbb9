"""Rendering of prompts with a tokenizer's own chat template, and defence against planted control tokens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from jinja2 import TemplateError

from core.domain.requests import Prompt
from core.models.prompts import Render, join_messages
from core.models.tokens import TextTokenizer

CACHED_RENDERINGS = 256  # of messages with places for documents: one for all documents of a query


class ChatRenderer:
    """Knows how one tokenizer wants its messages.

    A template that refuses system turns gets the system text at the head of the first user turn. A prompt that
    ends with an assistant turn is continued, any other gets the opening of the assistant's answer.
    """

    def __init__(self, tokenizer: TextTokenizer, thinking: str = "") -> None:
        """``thinking``: "on" or "off" for templates that can open with a reasoning block, "" for their default."""
        self._raw = tokenizer.raw
        self._options: dict[str, Any] = {"enable_thinking": thinking == "on"} if thinking else {}
        self.has_template = bool(self._raw.chat_template)
        self._control = _control_tokens(self._raw)
        self._folds_system = self.has_template and not self._accepts_system()
        self._rendered = lru_cache(maxsize=CACHED_RENDERINGS)(self._render)

    def render_for(self, prompt: Prompt) -> Render:
        """The rendering that ``prompt`` asks for and this tokenizer has."""
        return self._chat if self.is_chat(prompt) else join_messages

    def is_chat(self, prompt: Prompt) -> bool:
        """Whether the chat template is used; it then writes the special tokens itself."""
        return prompt.chat and self.has_template

    def clean(self, text: str) -> str:
        """``text`` with a blank inside each control token, so that a passage cannot end its turn or open another."""
        if self._control is None:
            return text
        return self._control.sub(lambda found: f"{found.group()[0]} {found.group()[1:]}", text)

    def forget(self) -> None:
        """Empty the cache of renderings."""
        self._rendered.cache_clear()

    def _chat(self, messages: Sequence[tuple[str, str]]) -> str:
        return self._rendered(tuple(messages))

    def _render(self, messages: Sequence[tuple[str, str]]) -> str:
        if self._folds_system:
            messages = _fold(messages)
        turns = [{"role": role, "content": content} for role, content in messages]
        goes_on = bool(turns) and turns[-1]["role"] == "assistant"
        return str(
            self._raw.apply_chat_template(
                turns,
                tokenize=False,
                add_generation_prompt=not goes_on,
                continue_final_message=goes_on,
                **self._options,
            )
        )

    def _accepts_system(self) -> bool:
        turns = [{"role": "system", "content": "x"}, {"role": "user", "content": "y"}]
        try:
            self._raw.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        except TemplateError:
            return False
        return True


def _fold(messages: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    system = "\n\n".join(content for role, content in messages if role == "system")
    others = [(role, content) for role, content in messages if role != "system"]
    if not system:
        return others
    if others and others[0][0] == "user":
        return [("user", f"{system}\n\n{others[0][1]}"), *others[1:]]
    return [("user", system), *others]


def _control_tokens(raw: Any) -> re.Pattern[str] | None:  # noqa: ANN401  (transformers has no common type)
    """Special tokens, and ordinary added tokens that the chat template writes (such as <think>)."""
    template = str(raw.chat_template or "")
    added = raw.added_tokens_decoder.values()
    found = {token.content for token in added if token.special or token.content in template}
    words = sorted((word for word in found if len(word) > 1 and not word.isspace()), key=len, reverse=True)
    return re.compile("|".join(re.escape(word) for word in words)) if words else None
