"""A voter without a browser: speaks Streamlit's own websocket protocol, with the messages of the installed package.

One ``Session`` is one browser tab. ``run`` asks for a script run (a page, a clicked button) and returns the elements
that the run sent; load tests use hundreds of these where browsers would not fit on the machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect


@dataclass(kw_only=True)
class Session:
    """One tab on ``base`` (host:port) showing ``page`` with ``query``; ``cookie`` carries the voter."""

    base: str
    page: str = ""
    query: str = ""
    cookie: str = ""
    frames: int = 0
    bytes_received: int = 0
    _socket: ClientConnection | None = None
    _elements: dict[tuple[int, ...], tuple[Element, str]] = field(default_factory=dict)

    async def __aenter__(self) -> Self:
        headers = {"Cookie": self.cookie} if self.cookie else {}
        self._socket = await connect(
            f"ws://{self.base}/_stcore/stream", subprotocols=["streamlit"], additional_headers=headers, max_size=None
        )
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._socket is not None:
            await self._socket.close()

    async def run(self, *, clicked: str = "", fragment: str = "") -> None:
        """One script run; ``clicked`` is the id of a button. Returns when the script has finished."""
        assert self._socket is not None
        message = BackMsg()
        state = message.rerun_script
        state.query_string = self.query
        state.page_name = self.page
        state.fragment_id = fragment
        if clicked:
            widget = state.widget_states.widgets.add()
            widget.id, widget.trigger_value = clicked, True
        await self._socket.send(message.SerializeToString())
        if not fragment:
            self._elements.clear()
        while True:
            data = await self._socket.recv()
            assert isinstance(data, bytes)
            self.frames += 1
            self.bytes_received += len(data)
            if self._take(data):
                return

    def elements(self, kind: str) -> Iterator[tuple[Element, str]]:
        """Elements of one kind ("button", "markdown" ...) with the id of the fragment that made them."""
        for element, fragment in self._elements.values():
            if element.WhichOneof("type") == kind:
                yield element, fragment

    def button(self, label: str) -> tuple[str, str] | None:
        """Widget id and fragment of the button whose label contains ``label``."""
        for element, fragment in self.elements("button"):
            if label.lower() in element.button.label.lower():
                return element.button.id, fragment
        return None

    def _take(self, data: bytes) -> bool:
        message = ForwardMsg()
        message.ParseFromString(data)
        kind = message.WhichOneof("type")
        if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            path = tuple(message.metadata.delta_path)
            self._elements[path] = (message.delta.new_element, message.delta.fragment_id)
        return kind == "script_finished" and message.script_finished in (
            ForwardMsg.FINISHED_SUCCESSFULLY,
            ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
        )
