"""Reading what a page sent to the browser: every element, also those that AppTest has no class for."""

from __future__ import annotations

import json
from collections.abc import Iterator

from streamlit.proto.BidiComponent_pb2 import BidiComponent
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Node


def sent(at: AppTest) -> str:
    """The protobuf text of every element of the page, and its URL."""
    return "\n".join(str(getattr(node, "proto", "")) for node in _nodes(at._tree)) + json.dumps(at.query_params)


def component(at: AppTest, name: str) -> dict[str, object]:
    """The data of the one mounted component ``name``."""
    return json.loads(component_proto(at, name).json)


def component_proto(at: AppTest, name: str) -> BidiComponent:
    """The message of the one mounted component ``name``."""
    protos = (getattr(node, "proto", None) for node in _nodes(at._tree))
    found = [proto for proto in protos if getattr(proto, "component_name", "") == name]
    assert len(found) == 1, f"{len(found)} components {name!r}"
    return found[0]


def texts(at: AppTest) -> str:
    """Markdown, captions, notices and texts, one per line."""
    kinds = (at.markdown, at.caption, at.info, at.warning, at.error, at.success, at.text)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Block):
        for child in node.children.values():
            yield from _nodes(child)
