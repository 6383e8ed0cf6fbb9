"""A browser tab without a browser: Streamlit's own websocket protocol, with the messages of the installed package.

One ``Session`` is one tab of one person. ``run`` asks for a script run (a page, a clicked button, a fragment) and
keeps the elements that the page then has; load tests use many of these where browsers would not fit on the machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

_ENDED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
_FAILED = (ForwardMsg.FINISHED_WITH_COMPILE_ERROR,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button of the page. ``fragment`` is empty where the page itself drew it."""

    id: str
    label: str
    fragment: str


@dataclass(slots=True, kw_only=True)
class Session:
    """One tab on ``base`` (host:port) at ``page`` with ``query``; ``cookies`` carry the voter."""

    base: str
    page: str = ""
    query: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    frames: int = 0
    bytes_received: int = 0
    _socket: ClientConnection | None = None
    _page_hash: str = ""
    _elements: dict[tuple[int, ...], tuple[Element, str]] = field(default_factory=dict)

    async def __aenter__(self) -> Self:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self._socket = await connect(
            f"ws://{self.base}/_stcore/stream",
            subprotocols=[Subprotocol("streamlit")],
            additional_headers={"Cookie": cookie} if cookie else {},
            max_size=None,
            proxy=None,
        )
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._socket is not None:
            await self._socket.close()

    async def run(self, *, click: Button | None = None) -> None:
        """One script run; returns when it has finished, after any reruns that the script itself asked for.

        ``click``: a button of this page; one that a fragment drew runs that fragment alone, as in a browser.
        RuntimeError where the script could not be compiled, ConnectionClosed where the server went away.
        """
        message = BackMsg()
        state = message.rerun_script
        state.query_string = self.query
        state.page_script_hash = self._page_hash
        state.page_name = "" if self._page_hash else self.page
        if click is not None:
            state.fragment_id = click.fragment
            state.widget_states.widgets.append(WidgetState(id=click.id, trigger_value=True))
        await self._ask(message)

    def elements(self, kind: str) -> Iterator[Any]:
        """Elements of one kind ("button", "markdown", "bidi_component" ...) in the order they came."""
        for element, _ in self._elements.values():
            if element.WhichOneof("type") == kind:
                yield getattr(element, kind)

    def button(self, *, label: str = "", key: str = "") -> Button | None:
        """The first button whose label contains ``label`` and whose key begins with ``key``."""
        for element, fragment in self._elements.values():
            if element.WhichOneof("type") != "button":
                continue
            found = element.button
            if label.lower() in found.label.lower() and key_of(found.id).startswith(key):
                return Button(id=found.id, label=found.label, fragment=fragment)
        return None

    def component(self, name: str) -> Any:  # noqa: ANN401  (the element's message, which has no stub of its own)
        """The v2 component whose name ends in ``name``, None where the page has none."""
        return next((c for c in self.elements("bidi_component") if c.component_name.endswith(name)), None)

    def errors(self) -> list[str]:
        """Texts of every exception and every error box on the page."""
        boxes = [alert.body for alert in self.elements("alert") if alert.format == Alert.ERROR]
        return boxes + [error.message for error in self.elements("exception")]

    async def _ask(self, message: BackMsg) -> None:
        if self._socket is None:
            raise RuntimeError("The session is not open; use it in an async with statement.")
        await self._socket.send(message.SerializeToString())
        fragment = message.rerun_script.fragment_id
        while True:
            data = await self._socket.recv()
            if not isinstance(data, bytes):
                raise RuntimeError(f"The server sent text where a protobuf message was expected: {data[:80]!r}.")
            self.frames += 1
            self.bytes_received += len(data)
            if self._take(data, fragment):
                return

    def _take(self, data: bytes, fragment: str) -> bool:
        """Keep what a message says; True when it ends the run."""
        message = ForwardMsg()
        message.ParseFromString(data)
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._page_hash = message.new_session.page_script_hash
            kept = self._elements.items() if fragment else ()
            self._elements = {path: found for path, found in kept if found[1] != fragment}
        elif kind == "navigation":
            self._page_hash = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            path = tuple(message.metadata.delta_path)
            self._elements[path] = (message.delta.new_element, message.delta.fragment_id)
        elif kind == "script_finished":
            if message.script_finished in _FAILED:
                raise RuntimeError(f"The script of page {self.page!r} does not compile.")
            return message.script_finished in _ENDED
        return False


def key_of(widget_id: str) -> str:
    """The key that the page gave to the widget with this id; empty where it gave none."""
    key = widget_id.split("-", 2)[-1]
    return "" if key == "None" else key
