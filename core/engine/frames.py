"""Frames on a stream socket: four bytes of big-endian length, then that many bytes.

Standard library only, so that the engine process can listen before its heavy imports.
"""

from __future__ import annotations

import select
import socket
import struct
import time

HEADER = struct.Struct(">I")
MAX_FRAME = 512 * 1024 * 1024
_CHUNK = 1 << 20


class FrameError(ValueError):
    """A frame is larger than allowed."""


def send_frame(connection: socket.socket, body: bytes, limit: int = MAX_FRAME) -> None:
    """Send one frame, blocking until all of it is written; FrameError where it is over ``limit`` bytes."""
    if len(body) > limit:
        raise FrameError(f"A message of {len(body)} bytes is over the limit of {limit}; send the work in parts.")
    connection.sendall(HEADER.pack(len(body)) + body)


class FrameReader:
    """Cuts the bytes that arrive on a socket into frames; one thread only."""

    def __init__(self, connection: socket.socket, limit: int = MAX_FRAME) -> None:
        self._connection = connection
        self._limit = limit
        self._buffer = bytearray()
        self._poll = select.poll()
        self._poll.register(connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)

    def read(self, timeout_s: float | None = None) -> bytes | None:
        """The next frame, or None when ``timeout_s`` has passed; EOFError when the other end is gone."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            frame = self._take()
            if frame is not None:
                return frame
            wait_ms = None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000
            if not self._poll.poll(wait_ms):
                return None
            self._buffer += self._receive()

    def _receive(self) -> bytes:
        try:
            chunk = self._connection.recv(_CHUNK)
        except OSError as error:
            raise EOFError(str(error)) from error
        if not chunk:
            raise EOFError("the other end closed the connection")
        return chunk

    def _take(self) -> bytes | None:
        if len(self._buffer) < HEADER.size:
            return None
        (length,) = HEADER.unpack_from(self._buffer)
        if length > self._limit:
            raise FrameError(f"A message of {length} bytes is over the limit of {self._limit}.")
        end = HEADER.size + length
        if len(self._buffer) < end:
            return None
        frame = bytes(self._buffer[HEADER.size : end])
        del self._buffer[:end]
        return frame
