"""What 1,000 queries cost: the machine's time, and what remote models charge.

price = machine_per_hour * mean seconds per query * 1000 / 3600 + 1000 * (prompt tokens * price per token + generated
tokens * price per token + calls * price per request), tokens and calls being logical means per query. The machine's
time is that of one query after another; a machine that serves several at once is cheaper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.models import ModelEntry, ModelKind, RequestPrices
from core.domain.systems import System
from core.settings import Prices

REMOTE = frozenset({ModelKind.CHAT_ENDPOINT, ModelKind.RERANK_ENDPOINT})
SET_MACHINE = "Set machine_per_hour in [prices] of runoff.toml (0 where the machine is there anyway)."
PROBE = "Run the latency probe of the benchmark."
_SET_ENDPOINT = (
    "Set price_per_million_prompt_tokens and price_per_million_generated_tokens, or price_per_1000_requests, in "
    "[endpoints.{name}] of runoff.toml."
)
_NO_TOKENS = "{name} charges by token but reports none; set price_per_1000_requests in [endpoints.{name}] instead."


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Logical means per query, of all models of a system together."""

    calls: float = 0.0
    prompt_tokens: float = 0.0
    generated_tokens: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """``amount`` for 1,000 queries, None where ``unknown`` says why. ``at_most``: an upper bound."""

    amount: float | None
    unknown: str = ""
    at_most: bool = False


def price_per_1000(system: System, mean_ms: float | None, usage: Usage, prices: Prices) -> Price:
    """The price of 1,000 queries; unknown where a price was not stated or a latency not measured.

    Tokens are counted over all models of a system together. Where its models charge differently, every token and call
    is reckoned at the dearest of their prices, and the price is an upper bound.
    """
    if prices.machine_per_hour is None:
        return Price(amount=None, unknown=SET_MACHINE)
    remote = [model for model in system.models if model.kind in REMOTE]
    unknown = _unknown(remote, usage)
    if unknown or mean_ms is None:
        return Price(amount=None, unknown=unknown or PROBE)
    machine = prices.machine_per_hour * mean_ms / 3600  # 1,000 queries of mean_ms / 1000 s: mean_ms seconds
    charged = {model.prices for model in remote}
    local = any(model.kind not in REMOTE for model in system.models)
    mixed = bool(charged) and (len(charged) > 1 or local)
    return Price(amount=machine + _charges(charged, usage), at_most=mixed)


def _unknown(remote: Sequence[ModelEntry], usage: Usage) -> str:
    for model in remote:
        if not model.prices.stated:
            return _SET_ENDPOINT.format(name=model.id)
        by_token = model.prices.per_million_prompt_tokens or model.prices.per_million_generated_tokens
        if by_token and not usage.prompt_tokens:
            return _NO_TOKENS.format(name=model.id)
    return ""


def _charges(charged: set[RequestPrices], usage: Usage) -> float:
    """Of 1,000 queries, each kind of unit at its dearest."""
    prompt = max((found.per_million_prompt_tokens or 0.0 for found in charged), default=0.0)
    generated = max((found.per_million_generated_tokens or 0.0 for found in charged), default=0.0)
    request = max((found.per_1000_requests or 0.0 for found in charged), default=0.0)
    tokens = (usage.prompt_tokens * prompt + usage.generated_tokens * generated) / 1000  # 1,000 queries, per million
    return tokens + usage.calls * request
