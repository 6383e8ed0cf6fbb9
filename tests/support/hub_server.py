"""A small stand-in for the hub: facts of a model, file tree in pages, ranged downloads through a redirect."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

from tests.support.http_server import Given, Seen


@dataclass(slots=True)
class Hub:
    """``files``: path to content at ``commit`` of ``name``. ``large``: paths stored with a SHA-256 (LFS).

    ``said``: what GET /api/models/{name}/revision/{revision} gives beside commit and files. ``branches``: other
    references than "main", each with its commit.
    """

    name: str
    commit: str
    files: dict[str, bytes]
    large: frozenset[str] = frozenset()
    page: int = 2
    ranges: bool = True
    corrupt: set[str] = field(default_factory=set)
    before_piece: Callable[[str], object] | None = None
    said: dict[str, object] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    sent: list[tuple[str, int]] = field(default_factory=list)  # path and first byte of every download

    def __call__(self, seen: Seen) -> Given:
        path, _, query = seen.path.partition("?")
        if path == f"/api/models/{self.name}/tree/{self.commit}":
            return self._tree(seen, query)
        about = f"/api/models/{self.name}/revision/"
        if path.startswith(about):
            return self._about(unquote(path[len(about) :]))
        resolve, stored = f"/{self.name}/resolve/{self.commit}/", "/storage/"
        if path.startswith(resolve) and path[len(resolve) :] in self.files:
            return Given(b"", 302, {"Location": stored + path[len(resolve) :]})
        if path.startswith(stored):
            return self._content(path[len(stored) :], seen)
        return Given({"error": "Repository not found"}, 404)

    def _about(self, revision: str) -> Given:
        commits = {"main": self.commit, self.commit: self.commit, **self.branches}
        if revision not in commits:
            return Given({"error": "Invalid rev id"}, 404)
        files = [{"rfilename": path, "size": len(content)} for path, content in self.files.items()]
        return Given({"id": self.name, "sha": commits[revision], "siblings": files, **self.said})

    def _tree(self, seen: Seen, query: str) -> Given:
        begin = int(query.rpartition("cursor=")[2]) if "cursor=" in query else 0
        items = [self._item(path) for path in list(self.files)[begin : begin + self.page]]
        given = Given([{"type": "directory", "path": "1_Pooling", "oid": "0", "size": 0}, *items])
        if begin + self.page < len(self.files):
            address = f"http://{seen.headers['host']}{seen.path.partition('?')[0]}?recursive=true"
            given.headers["Link"] = f'<{address}&cursor={begin + self.page}>; rel="next"'
        return given

    def _item(self, path: str) -> dict[str, object]:
        content = self.files[path]
        blob = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
        item: dict[str, object] = {"type": "file", "path": path, "size": len(content), "oid": blob}
        if path in self.large:
            item["lfs"] = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 134}
        return item

    def _content(self, path: str, seen: Seen) -> Given:
        content = self.files[path]
        if path in self.corrupt:
            self.corrupt.discard(path)
            content = content[:-1] + bytes([content[-1] ^ 1])
        begin = int(seen.headers.get("range", "bytes=0-")[6:-1]) if self.ranges else 0
        self.sent.append((path, begin))
        left = content[begin:]
        pieces = [left[at : at + 65_536] for at in range(0, len(left), 65_536)]
        before = self.before_piece
        wait = (lambda: before(path)) if before is not None else None
        return Given(pieces=pieces, status=206 if begin else 200, wait=wait)
