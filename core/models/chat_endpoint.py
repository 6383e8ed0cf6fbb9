"""OpenAI-compatible endpoints (vLLM, llama.cpp server, hosted ones): {url}/chat/completions and {url}/completions.

Generate: chat, or completions for a prompt that is not to be rendered as chat; with the log-probabilities of its
tokens where they are asked for (chat_tokens.py), as many at a place as ``top_logprobs`` of the table allows.
LabelLogprobs: one token with ``top_logprobs``; labels are found among the returned spellings (spelling.py). A
label of several tokens is never returned as one and so is None.
Likelihood: completions with ``echo``; the server's character offsets say which tokens are the continuation. The
chat template is on the server, so the parts are joined as they stand.
A prompt that ends with the assistant's turn is to be continued there. Chat completions know no such thing: most servers
would begin a new turn after it, so the answer would be one to another prompt and nobody would see it. So it is sent
only where ``prefill`` of the table says how: "vllm" (vLLM, SGLang) sends ``continue_final_message`` and no
``add_generation_prompt``, "plain" sends the turn as it is, to servers that go on by themselves (llama.cpp). Otherwise
such a prompt is refused with ModelUnavailableError.
The server tokenises; here a token is reckoned as four characters when documents must be shortened.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

from core.domain.canonical import Json
from core.domain.errors import BadAnswerError, ModelUnavailableError
from core.domain.models import ModelEntry
from core.domain.requests import (
    Answer,
    Generate,
    GenerateAnswer,
    LabelAnswer,
    LabelLogprobs,
    Likelihood,
    LikelihoodAnswer,
    Prompt,
    Request,
    Usage,
)
from core.models.base import ENDPOINT, Arrangement, LoadContext, by_length
from core.models.chat_tokens import first_rivals, written_tokens
from core.models.concurrent import CONCURRENT, run_together
from core.models.http import RETRIES, EndpointClient, Transport
from core.models.prompts import Fitted, fit, join_messages
from core.models.replies import Reply
from core.models.spelling import label_logprobs

CHARACTERS_PER_TOKEN = 4
# How a server is told to continue the assistant's last turn; the keys are choices of core/catalog/endpoints.py.
PREFILLS: dict[str, dict[str, Json]] = {
    "vllm": {"continue_final_message": True, "add_generation_prompt": False},
    "plain": {},
}
_TURN, _ROLE = "\ue002", "\ue003"  # private-use characters that prompts.py removes from every text


class ChatEndpointAdapter:
    """One OpenAI-compatible endpoint."""

    def __init__(self, entry: ModelEntry, transport: Transport | None = None) -> None:
        self.entry = entry
        self.batch_tokens = CONCURRENT  # counts HTTP requests: a batch is what runs at once
        self.memory_bytes = 0
        self._transport = transport or Transport.of(entry)
        self._client = EndpointClient(entry, self._transport)
        self._completions = entry.option("completions") == "true"
        self._top = int(entry.option("top_logprobs", "20"))
        self._prefill = entry.option("prefill")
        self._pool = ThreadPoolExecutor(CONCURRENT, thread_name_prefix=f"endpoint-{entry.id}")

    @property
    def execution(self) -> str:
        """It runs where the endpoint is."""
        return ENDPOINT

    def arrange(self, requests: Sequence[Request]) -> Arrangement:
        """In the order given: each is one HTTP request."""
        return by_length([1] * len(requests))

    def shares(self, requests: Sequence[Request]) -> list[float]:
        """One HTTP request each."""
        return [1.0] * len(requests)

    def answer(self, requests: Sequence[Request], cancelled: Callable[[], bool]) -> list[Answer]:
        """Ask for all requests at once, at most four at a time."""
        calls = [lambda stopped, request=request: self._one(request, stopped) for request in requests]
        rounds = max(1, -(-len(calls) // CONCURRENT))
        return run_together(calls, self._pool, cancelled, (RETRIES + 2) * self._transport.total_s * rounds)

    def forget(self) -> None:
        """Nothing is remembered here; what the server keeps is its own."""

    def synchronize(self) -> None:
        """Answers have arrived when they are given."""

    def close(self) -> None:
        """Let go of threads and connections."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    def _one(self, request: Request, stopped: Event) -> Answer:
        if isinstance(request, Generate):
            return self._generate(request, stopped)
        if isinstance(request, LabelLogprobs):
            return self._labels(request, stopped)
        if isinstance(request, Likelihood):
            return self._likelihood(request, stopped)
        raise BadAnswerError(f"{self.entry.id} does not answer {type(request).__name__}.")

    def _generate(self, request: Generate, stopped: Event) -> Answer:
        extra: dict[str, Json] = {
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
            "seed": request.seed,
        }
        if request.stop:
            extra["stop"] = list(request.stop)
        if request.top_logprobs:
            extra |= self._logprobs(request.prompt, request.top_logprobs)
        reply, fitted = self._ask(request.prompt, request.max_tokens, extra, stopped)
        choice = reply.at("choices").first()
        message = choice.at("message").at("content") if choice.maybe("message") else choice.at("text")
        reason = choice.maybe("finish_reason")
        return GenerateAnswer(
            text=message.text(),
            finished=reason is None or reason.value != "length",
            tokens=written_tokens(choice.at("logprobs"), message.text()) if request.top_logprobs else (),
            usage=_usage(reply, fitted),
        )

    def _labels(self, request: LabelLogprobs, stopped: Event) -> Answer:
        if request.raw or request.exit_layer is not None:
            raise BadAnswerError(f"{self.entry.id}: an endpoint gives neither logits nor the states of a layer.")
        asked = self._logprobs(request.prompt, self._top)
        reply, fitted = self._ask(request.prompt, 1, {"max_tokens": 1, "temperature": 0.0, **asked}, stopped)
        tokens = first_rivals(reply.at("choices").first().at("logprobs"))
        return LabelAnswer(logprobs=label_logprobs(request.labels, tokens), usage=_usage(reply, fitted))

    def _likelihood(self, request: Likelihood, stopped: Event) -> Answer:
        # One generated token is asked for because some servers refuse none; its offset shows that it is not ours.
        room = 1 + len(request.continuation) // CHARACTERS_PER_TOKEN
        extra: dict[str, Json] = {"max_tokens": 1, "temperature": 0.0, "echo": True, "logprobs": 1}
        prompt = replace(request.prompt, chat=False)
        reply, fitted = self._ask(prompt, room, extra, stopped, follows=request.continuation)
        found = reply.at("choices").first().at("logprobs")
        tokens = [token.text() for token in found.at("tokens").items()]
        values, offsets = found.at("token_logprobs").items(), found.at("text_offset").items()
        if not len(tokens) == len(values) == len(offsets):
            raise found.error("tokens, token_logprobs and text_offset of one length")
        begin, end = len(fitted.text), len(fitted.text) + len(request.continuation)
        own = [
            value.number()
            for token, value, offset in zip(tokens, values, offsets, strict=True)
            if offset.whole() < end and offset.whole() + len(token) > begin
        ]
        if not own:
            raise BadAnswerError(f"{self.entry.id}: the reply has no token of the continuation; does it support echo?")
        return LikelihoodAnswer(logprobs=tuple(own), usage=_usage(reply, fitted))

    def _ask(
        self, prompt: Prompt, room: int, extra: dict[str, Json], stopped: Event, follows: str = ""
    ) -> tuple[Reply, Fitted]:
        limit = self.entry.max_length - room
        if self._is_chat(prompt):
            fitted = fit(prompt, _join_turns, str, _reckon, limit, self.entry.id)
            path, body = "/chat/completions", _messages(fitted) | self._continuing(prompt)
        else:
            fitted = fit(prompt, join_messages, str, _reckon, limit, self.entry.id)
            path, body = "/completions", {"prompt": fitted.text + follows}
        reply = self._client.post(path, {"model": self.entry.revision, **body, **extra}, stopped)
        return Reply(reply, self.entry.id), fitted

    def _logprobs(self, prompt: Prompt, top: int) -> dict[str, Json]:
        """What asks for the ``top`` likeliest tokens of each place, as many as the endpoint gives."""
        top = min(top, self._top)
        return {"logprobs": True, "top_logprobs": top} if self._is_chat(prompt) else {"logprobs": top}

    def _continuing(self, prompt: Prompt) -> dict[str, Json]:
        """What makes the server go on in the assistant's turn, where the prompt ends with one."""
        if not prompt.messages or prompt.messages[-1].role != "assistant":
            return {}
        if self._prefill not in PREFILLS:
            raise ModelUnavailableError(
                f"{self.entry.id}: this prompt opens the answer, which has to be continued. Where the server can do "
                f"that, say how in its table: prefill = {' or '.join(map(repr, PREFILLS))}."
            )
        return dict(PREFILLS[self._prefill])

    def _is_chat(self, prompt: Prompt) -> bool:
        if not prompt.chat and not self._completions:
            raise ModelUnavailableError(
                f"{self.entry.id}: this prompt is plain text, which needs completions = true in its table."
            )
        return prompt.chat


def load(entry: ModelEntry, _context: LoadContext) -> ChatEndpointAdapter:
    """The adapter; the endpoint is not asked before the first request."""
    return ChatEndpointAdapter(entry)


def _join_turns(messages: Sequence[tuple[str, str]]) -> str:
    return _TURN.join(f"{role}{_ROLE}{content}" for role, content in messages)


def _messages(fitted: Fitted) -> dict[str, Json]:
    turns = (turn.partition(_ROLE) for turn in fitted.text.split(_TURN))
    return {"messages": [{"role": role, "content": content} for role, _, content in turns]}


def _reckon(text: str) -> Sequence[int]:
    """Where tokens of four characters would end."""
    step = CHARACTERS_PER_TOKEN
    return [min(end, len(text)) for end in range(step, len(text) + step, step)]


def _usage(reply: Reply, fitted: Fitted) -> Usage:
    """What the server counted, else what was reckoned."""
    usage = reply.maybe("usage")
    prompt = usage.maybe("prompt_tokens") if usage else None
    generated = usage.maybe("completion_tokens") if usage else None
    return Usage(
        prompt_tokens=prompt.whole() if prompt else fitted.tokens,
        generated_tokens=generated.whole() if generated else 0,
        cuts=fitted.cuts,
    )
