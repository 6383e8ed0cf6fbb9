"""A real HTTP server on a free local port, its replies given by a function of the request."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(slots=True)
class Seen:
    """One request as the server got it."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass(slots=True)
class Given:
    """One reply; a ``body`` that is not bytes is sent as JSON. ``drip_s``: seconds to wait before each piece."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    pieces: list[bytes] | None = None
    wait: Callable[[], object] | None = None


Answerer = Callable[[Seen], Given]


@dataclass(slots=True)
class Server:
    """Address and everything that was asked."""

    address: str
    seen: list[Seen] = field(default_factory=list)


@contextmanager
def serving(answerer: Answerer) -> Iterator[Server]:
    """Run the server until the block ends."""
    server_info = Server("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(length)
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Seen(self.command, self.path, headers, json.loads(raw) if raw else None)
            server_info.seen.append(request)
            try:
                self._reply(answerer(request))
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def _reply(self, given: Given) -> None:
            content = given.body if isinstance(given.body, bytes) else json.dumps(given.body).encode()
            pieces = [content] if given.pieces is None else given.pieces
            self.send_response(given.status)
            length = {name.lower() for name in given.headers} & {"content-length"}
            if not length:
                self.send_header("Content-Length", str(sum(len(piece) for piece in pieces)))
            for name, value in given.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "HEAD":
                return
            for piece in pieces:
                if given.wait is not None:
                    given.wait()
                self.wfile.write(piece)
                self.wfile.flush()

        do_GET = do_POST = do_HEAD = _any  # noqa: N815  (names of http.server)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server_info.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server_info
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
