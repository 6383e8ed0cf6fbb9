"""An OpenAI-compatible server over a model folder, written with plain transformers, one text at a time: chat
completions and completions, log-probabilities, echo, vLLM's switches for a turn that is to be continued."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from tests.support.http_server import Given, Seen, Server, serving


class PlainServer:
    """Answers greedily; ``top``: rivals of each token that it gives at most."""

    def __init__(self, folder: Path, top: int) -> None:
        self._model = AutoModelForCausalLM.from_pretrained(folder).eval()
        self._tokenizer = AutoTokenizer.from_pretrained(folder)
        self._top = top
        self._lock = threading.Lock()

    def __call__(self, seen: Seen) -> Given:
        """The reply to one request."""
        body = seen.body
        if (
            body.get("temperature", 0.0) > 0
            or max(int(body.get("top_logprobs", 0)), body.get("logprobs", 0)) > self._top
        ):
            return Given({"error": "not here"}, status=400)
        with self._lock, torch.inference_mode():
            return Given(self._chat(body) if seen.path.endswith("/chat/completions") else self._complete(body))

    def _chat(self, body: dict[str, Any]) -> dict[str, Any]:
        goes_on = body.get("continue_final_message", False)
        opens = body.get("add_generation_prompt", True)
        text = self._tokenizer.apply_chat_template(
            body["messages"], tokenize=False, add_generation_prompt=opens, continue_final_message=goes_on
        )
        ids = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        tokens, written, finished = self._written(ids, body)
        top = body.get("top_logprobs", 0)
        rows = self._logprobs(ids + tokens)[len(ids) - 1 :] if body.get("logprobs") else ()
        listed = [self._listed(row, token, top) for row, token in zip(rows, tokens, strict=False)]
        choice = {
            "message": {"role": "assistant", "content": written}, "finish_reason": "stop" if finished else "length",
            "logprobs": {"content": listed} if body.get("logprobs") else None,
        }  # fmt: skip
        usage = {"prompt_tokens": len(ids), "completion_tokens": len(tokens)}
        return {"choices": [choice], "usage": usage}

    def _complete(self, body: dict[str, Any]) -> dict[str, Any]:
        found = self._tokenizer(body["prompt"], add_special_tokens=False, return_offsets_mapping=True)
        ids, offsets = found["input_ids"], [begin for begin, _ in found["offset_mapping"]]
        tokens, written, finished = self._written(ids, body)
        choice = {"text": written, "finish_reason": "stop" if finished else "length"}
        if body.get("echo"):
            normal = self._logprobs(ids + tokens)
            every = ids + tokens
            choice["logprobs"] = {
                "tokens": [self._tokenizer.decode([token]) for token in every],
                "token_logprobs": [None] + [normal[at - 1, every[at]].item() for at in range(1, len(every))],
                "text_offset": offsets + [len(body["prompt"])] * len(tokens),
            }
        return {"choices": [choice], "usage": {"prompt_tokens": len(ids), "completion_tokens": len(tokens)}}

    def _written(self, ids: list[int], body: dict[str, Any]) -> tuple[list[int], str, bool]:
        given = torch.tensor([ids])
        most = body["max_tokens"]
        found = self._model.generate(given, attention_mask=torch.ones_like(given), max_new_tokens=most, do_sample=False)
        tokens: list[int] = found[0, len(ids) :].tolist()
        finished = tokens[-1] == self._tokenizer.eos_token_id
        for count in range(1, len(tokens) + 1) if body.get("stop") else ():
            text = self._tokenizer.decode(tokens[:count], skip_special_tokens=True)
            cuts = [text.index(stop) for stop in body["stop"] if stop in text]
            if cuts:
                return tokens[:count], text[: min(cuts)], True
        return tokens, self._tokenizer.decode(tokens, skip_special_tokens=True), finished

    def _listed(self, normal: torch.Tensor, token: int, top: int) -> dict[str, Any]:
        best = normal.topk(min(top, len(normal)))
        rivals = zip(best.indices.tolist(), best.values.tolist(), strict=True)
        return {
            "token": self._tokenizer.decode([token], skip_special_tokens=True), "logprob": normal[token].item(),
            "top_logprobs": [{"token": self._tokenizer.decode([one]), "logprob": value} for one, value in rivals],
        }  # fmt: skip

    def _logprobs(self, ids: list[int]) -> torch.Tensor:
        found: torch.Tensor = self._model(input_ids=torch.tensor([ids])).logits[0].double().log_softmax(-1)
        return found


@contextmanager
def openai_server(folder: Path, top: int) -> Iterator[Server]:
    """Serve until the block ends."""
    with serving(PlainServer(folder, top)) as server:
        yield server
