"""The socket to the front process; when the front is gone, so is this process.

Started before anything heavy is imported: nothing here needs more than the standard library.
"""

from __future__ import annotations

import os
import queue
import socket
import threading

from core.engine.frames import FrameError, FrameReader, send_frame


class Lifeline:
    """``next`` gives frames in order; ``send`` may be called by any thread."""

    def __init__(self, descriptor: int) -> None:
        """``descriptor``: number of the inherited socket."""
        self._socket = socket.socket(fileno=descriptor)
        self._frames: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._lock = threading.Lock()
        threading.Thread(target=self._listen, name="lifeline", daemon=True).start()

    def next(self) -> bytes:
        """The next frame; waits for it."""
        return self._frames.get()

    def send(self, frame: bytes) -> None:
        """Write one frame; ends the process when nobody is there to read it."""
        try:
            with self._lock:
                send_frame(self._socket, frame)
        except OSError:
            os._exit(0)

    def _listen(self) -> None:
        reader = FrameReader(self._socket)
        try:
            while True:
                frame = reader.read()
                if frame is not None:
                    self._frames.put(frame)
        except (EOFError, FrameError):
            # Not sys.exit: the model thread may be deep in native code, and nothing is left to be saved.
            os._exit(0)
