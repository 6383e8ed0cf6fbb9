"""[endpoints.NAME] tables of the configuration to model entries.

Only the operator's configuration names endpoints, so the list of hosts that Runoff may reach is exactly the
hosts written there. A key is never in the configuration: ``key_variable`` names the environment variable
that holds it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from urllib.parse import urlsplit

from core.catalog.kinds import CAPABILITIES, ENDPOINT_KINDS
from core.catalog.reading import Table
from core.catalog.tables import check_name, formats_of
from core.domain.capabilities import Capability
from core.domain.models import ModelEntry, ModelKind, RequestPrices

DIALECTS: dict[ModelKind, tuple[str, ...]] = {
    ModelKind.CHAT_ENDPOINT: ("openai",),
    ModelKind.RERANK_ENDPOINT: ("cohere", "jina", "tei"),
}
_COMMON = {
    "kind", "url", "model", "dialect", "key_variable", "timeout", "connect_timeout", "max_length", "title", "licence",
    "languages", "use_proxy", "price_per_million_prompt_tokens", "price_per_million_generated_tokens",
    "price_per_1000_requests",
}  # fmt: skip
_OWN = {
    ModelKind.CHAT_ENDPOINT: {"label_logprobs", "likelihood", "completions", "top_logprobs", "prefill", "formats"},
    ModelKind.RERANK_ENDPOINT: {"max_documents"},
}
PREFILLS = ("vllm", "plain")  # how a server continues the assistant's last turn (core/models/chat_endpoint.py)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def endpoint_entry(name: str, values: Mapping[str, object]) -> ModelEntry:
    """The entry of table ``endpoints.<name>``; InvalidInputError names the key that is wrong."""
    table = Table(name=f"endpoints.{name}", values=values)
    check_name(table, name)
    kind = ModelKind(table.choice("kind", ENDPOINT_KINDS))
    table.refuse_unknown(_COMMON | _OWN[kind])
    dialects = DIALECTS[kind]
    dialect = table.choice("dialect", dialects, dialects[0] if len(dialects) == 1 else None)
    # A TEI server holds one model and is not told its name; a name keeps the fingerprint honest.
    model = table.text("model")
    options = {"dialect": dialect, **_transport(table)}
    options.update(_chat_options(table) if kind is ModelKind.CHAT_ENDPOINT else _rerank_options(table, dialect))
    return ModelEntry(
        id=name,
        kind=kind,
        source=_address(table),
        revision=model,
        capabilities=_capabilities(table, kind),
        max_length=table.whole("max_length", 8192),
        precision="remote",
        title=table.text("title", f"{model} ({urlsplit(_address(table)).hostname})"),
        licence=table.text("licence", ""),
        languages=table.languages(),
        prices=RequestPrices(**{field.name: table.price(f"price_{field.name}") for field in fields(RequestPrices)}),
        options=tuple(sorted(options.items())),
        formats=formats_of(table),
    )


def _address(table: Table) -> str:
    url = table.text("url").rstrip("/")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise table.error("url", f"{url!r} is not an address: {error}.") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise table.error("url", f"{url!r} must begin with http:// or https:// and name a host.")
    if parts.username or parts.password:
        raise table.error("url", "must not hold a user or password; name a variable in key_variable instead.")
    if parts.query or parts.fragment:
        raise table.error("url", f"{url!r} must not have a query or a fragment.")
    return url


def _transport(table: Table) -> dict[str, str]:
    options = {
        "timeout": repr(table.seconds("timeout", 30.0)),
        "connect_timeout": repr(table.seconds("connect_timeout", 3.0)),
    }
    if table.flag("use_proxy"):
        options["use_proxy"] = "true"
    variable = table.text("key_variable", "")
    if variable and not _VARIABLE.fullmatch(variable):
        raise table.error("key_variable", "must be the name of an environment variable, not the key itself.")
    return {**options, "key_variable": variable} if variable else options


def _chat_options(table: Table) -> dict[str, str]:
    options = {"top_logprobs": str(table.whole("top_logprobs", 20))} if table.flag("label_logprobs") else {}
    if table.flag("completions") or table.flag("likelihood"):
        options["completions"] = "true"
    if "prefill" in table.values:
        options["prefill"] = table.choice("prefill", PREFILLS)
    return options


def _rerank_options(table: Table, dialect: str) -> dict[str, str]:
    # TEI refuses more texts than --max-client-batch-size (32 unless set); it scores pairs one by one, so
    # several requests give the same scores. The others are asked once.
    return {"max_documents": str(table.whole("max_documents", 32 if dialect == "tei" else 1000))}


def _capabilities(table: Table, kind: ModelKind) -> frozenset[Capability]:
    stated = set(CAPABILITIES[kind])
    if kind is ModelKind.CHAT_ENDPOINT:
        if table.flag("label_logprobs"):
            stated |= {Capability.LABEL_LOGPROBS, Capability.GENERATE_LOGPROBS}
        if table.flag("likelihood"):
            stated.add(Capability.LIKELIHOOD)
    return frozenset(stated)
