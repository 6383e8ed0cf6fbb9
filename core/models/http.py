"""JSON over HTTP to one endpoint that the operator named: bounded in time, size and attempts.

Connect 3 s, whole attempt 30 s, two retries with jitter after 429, 5xx, timeouts and broken connections, a
circuit breaker after five failures, replies of at most 5 MB, no redirects (a redirect could lead anywhere, and
with the key). The key is read from the environment at each request and appears in no message.
"""

from __future__ import annotations

import ipaddress
import json
import os
import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from core.domain.canonical import Json
from core.domain.errors import BadAnswerError, CancelledError, ModelUnavailableError
from core.domain.models import ModelEntry
from core.models.breaker import Breaker

MAX_REPLY_BYTES = 5_000_000
RETRIES = 2
_RETRY_STATUS = {408, 425, 429, 500, 502, 503, 504}
_SHOWN = 200  # characters of a reply that an error may quote


class _TryAgainError(Exception):
    """A failure that another attempt may not have."""


@dataclass(slots=True, kw_only=True)
class Transport:
    """Settings of one endpoint's connection. ``backoff_s``: mean wait before the first retry, doubled each time."""

    connect_s: float = 3.0
    total_s: float = 30.0
    backoff_s: float = 0.5
    use_proxy: bool = False
    key_variable: str = ""
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)

    @classmethod
    def of(cls, entry: ModelEntry) -> Transport:
        """What the entry's options say."""
        return cls(
            connect_s=float(entry.option("connect_timeout", "3.0")),
            total_s=float(entry.option("timeout", "30.0")),
            use_proxy=entry.option("use_proxy") == "true",
            key_variable=entry.option("key_variable"),
        )


class EndpointClient:
    """Posts JSON to one endpoint; safe to share between threads."""

    def __init__(self, entry: ModelEntry, transport: Transport | None = None, breaker: Breaker | None = None) -> None:
        self._name, self._base = entry.id, entry.source.rstrip("/")
        self._transport = transport or Transport.of(entry)
        self._breaker = breaker or Breaker(entry.id)
        self._jitter = random.Random()
        self._lock = threading.Lock()
        self._running, self._closing = 0, False
        self._client = httpx.Client(
            timeout=httpx.Timeout(self._transport.total_s, connect=self._transport.connect_s),
            follow_redirects=False,
            trust_env=self._transport.use_proxy,
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
        )

    def post(self, path: str, body: Mapping[str, Json], stopped: threading.Event) -> object:
        """The parsed reply. ModelUnavailableError, BadAnswerError for a reply that is no JSON, CancelledError."""
        self._breaker.check()
        self._enter()
        try:
            reply = self._attempts(self._base + path, body, stopped)
        except (ModelUnavailableError, BadAnswerError):
            self._breaker.failed()
            raise
        finally:
            self._leave()
        self._breaker.succeeded()
        return reply

    def close(self) -> None:
        """Close all connections, once the requests that are on their way have ended; does not wait for them."""
        with self._lock:
            self._closing = True
            idle = self._running == 0
        if idle:
            self._client.close()

    def _enter(self) -> None:
        with self._lock:
            if self._closing:
                raise CancelledError("Cancelled.")
            self._running += 1

    def _leave(self) -> None:
        with self._lock:
            self._running -= 1
            last = self._closing and self._running == 0
        if last:
            self._client.close()

    def _attempts(self, url: str, body: Mapping[str, Json], stopped: threading.Event) -> object:
        cause = ""
        for attempt in range(RETRIES + 1):
            if attempt and stopped.wait(
                self._transport.backoff_s * 2 ** (attempt - 1) * self._jitter.uniform(0.5, 1.5)
            ):
                raise CancelledError("Cancelled.")
            try:
                return self._once(url, body, stopped)
            except _TryAgainError as error:
                cause = str(error)
        raise ModelUnavailableError(f"{self._name} failed {RETRIES + 1} times: {cause}.")

    def _once(self, url: str, body: Mapping[str, Json], stopped: threading.Event) -> object:
        deadline = time.monotonic() + self._transport.total_s
        try:
            with self._client.stream("POST", url, json=body, headers=self._key_header()) as response:
                self._check_peer(response)
                content = self._read(response, deadline, stopped)
        except httpx.TimeoutException as error:
            raise _TryAgainError(f"no reply within {self._transport.total_s:g} s") from error
        except httpx.RequestError as error:
            raise _TryAgainError(f"{type(error).__name__}: {self._redact(str(error))}") from error
        self._check_status(response, content)
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as error:  # the latter: a hundred thousand brackets
            shown = self._redact(content[:_SHOWN].decode("utf-8", "replace"))
            raise BadAnswerError(f"{self._name}: the reply is not JSON: {shown!r}") from error

    def _read(self, response: httpx.Response, deadline: float, stopped: threading.Event) -> bytes:
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > MAX_REPLY_BYTES:
                limit = MAX_REPLY_BYTES // 1_000_000
                raise BadAnswerError(f"{self._name}: the reply is larger than {limit} MB; ask for fewer documents.")
            if stopped.is_set():
                raise CancelledError("Cancelled.")
            if time.monotonic() > deadline:
                raise _TryAgainError(f"the reply was not complete within {self._transport.total_s:g} s")
        return bytes(content)

    def _check_status(self, response: httpx.Response, content: bytes) -> None:
        status = response.status_code
        if status == 200:
            return
        if status in _RETRY_STATUS:
            raise _TryAgainError(f"HTTP {status}")
        if 300 <= status < 400:
            raise ModelUnavailableError(f"{self._name}: HTTP {status}, a redirect; redirects are not followed.")
        if status in {401, 403}:  # such replies like to quote the key
            raise ModelUnavailableError(f"{self._name}: HTTP {status}; check the key and what it may use.")
        shown = self._redact(content[:_SHOWN].decode("utf-8", "replace")).strip()
        raise ModelUnavailableError(f"{self._name}: HTTP {status}: {shown!r}")

    def _check_peer(self, response: httpx.Response) -> None:
        """Refuse a name that leads to an address no endpoint has, such as a cloud's metadata service."""
        stream = response.extensions.get("network_stream")
        peer = stream.get_extra_info("server_addr") if stream is not None else None
        if not peer:
            return
        address = ipaddress.ip_address(str(peer[0]).partition("%")[0])
        if address.is_link_local or address.is_multicast or address.is_unspecified:
            raise ModelUnavailableError(f"{self._name}: its host resolves to {address}, which is not allowed.")

    def _key_header(self) -> dict[str, str]:
        key = self._key()
        return {"Authorization": f"Bearer {key}"} if key else {}

    def _key(self) -> str:
        variable = self._transport.key_variable
        if not variable:
            return ""
        key = self._transport.environment.get(variable, "").strip()
        if not key:
            raise ModelUnavailableError(f"{self._name}: the environment variable {variable} is not set.")
        if not key.isascii() or not key.isprintable():
            raise ModelUnavailableError(f"{self._name}: {variable} holds characters that no key has.")
        return key

    def _redact(self, text: str) -> str:
        variable = self._transport.key_variable
        key = self._transport.environment.get(variable, "").strip() if variable else ""
        return text.replace(key, "***") if key else text
