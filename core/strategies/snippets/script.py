"""A Python module under construction: imports, what is loaded once, functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from core.domain.models import ModelEntry
from core.domain.systems import System

MAIN = "rerank"
HEAD = "def {name}(query: str, documents: list[str]) -> list[int]:\n"
BY_SCORE = "    return sorted(range(len(documents)), key=lambda place: -scores[place])\n"
_STANDARD = frozenset({"math", "os", "re", "json", "subprocess", "sys", "itertools", "pathlib", "collections"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """``text``: a Python module. ``packages``: to install. ``notes``: where it differs from what Runoff measured.

    ``standalone``: whether it runs without Runoff.
    """

    text: str
    packages: tuple[str, ...]
    notes: tuple[str, ...]
    standalone: bool = True


class NotInFewLinesError(Exception):
    """No writer can put this system (or one of its members) into a few lines of public libraries."""


@dataclass(slots=True, kw_only=True)
class Script:
    """``language``: of the texts. ``places``: model id to a local folder that is loaded instead of the hub's."""

    language: str
    places: Mapping[str, str]
    write: Callable[[Script, System, str], None]
    imports: dict[str, None] = field(default_factory=dict)
    setups: dict[str, None] = field(default_factory=dict)
    functions: list[str] = field(default_factory=list)
    packages: dict[str, None] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    _names: set[str] = field(default_factory=lambda: {MAIN})

    def use(self, *lines: str, packages: tuple[str, ...] = ()) -> None:
        """Import these lines, which ``packages`` have."""
        self.imports.update(dict.fromkeys(lines))
        self.packages.update(dict.fromkeys(packages))

    def once(self, block: str) -> None:
        """Code that runs when the module is loaded, written once."""
        self.setups[block] = None

    def function(self, name: str, body: str) -> None:
        """A ranking function with this body, indented by four blanks."""
        self.functions.append(HEAD.format(name=name) + body)

    def member(self, system: System) -> str:
        """Write ``system`` as a function of its own; its name."""
        base = identifier(system.strategy)
        name, number = base, 2
        while name in self._names:
            name, number = f"{base}_{number}", number + 1
        self._names.add(name)
        self.write(self, system, name)
        return name

    def text(self, about: str) -> str:
        """The module. ``about``: its docstring."""
        lines = sorted(self.imports, key=_import_order)
        standard = [line for line in lines if _standard(line)]
        others = [line for line in lines if not _standard(line)]
        heads = ["\n".join(group) for group in (standard, others) if group]
        parts = [f'"""{about}"""', *heads, *(block.strip() for block in self.setups), *map(str.strip, self.functions)]
        made = parts[0]
        for before, part in pairwise(parts):
            made += ("\n\n\n" if _defines(before) or _defines(part) else "\n\n") + part
        return f"{made}\n"


def identifier(text: str) -> str:
    """A Python name: ``all-minilm-l6-v2`` to ``all_minilm_l6_v2``."""
    name = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_").lower()
    return name if name and not name[0].isdigit() else f"model_{name}"


def located(script: Script, model: ModelEntry) -> str:
    """Arguments that load the weights: a local folder, or the public name with the pinned commit."""
    scheme, _, rest = model.source.partition(":")
    if model.id in script.places:
        return repr(script.places[model.id])
    if scheme == "hub":
        return f'"{rest}", revision="{model.revision}"'
    if scheme == "folder":
        return repr(rest)
    if not model.public_name:
        raise NotInFewLinesError(f"{model.id} has no public name.")
    script.notes[_BUNDLED.format(name=model.public_name, id=model.id, digest=model.revision)] = None
    return f'"{model.public_name}"'


_BUNDLED = (
    "{name} is the public name of {id}. Runoff measured the copy it bundles, whose weights have the SHA-256 {digest}; "
    "compare, and pin the commit that you take with revision=."
)


def _defines(block: str) -> bool:
    """Whether a block of code begins or ends with a function or a class, which two empty lines set apart."""
    return block.startswith(("def ", "class ")) or "\n    " in block.rpartition("\n\n")[2]


def _standard(line: str) -> bool:
    return line.split()[1].partition(".")[0] in _STANDARD


def _import_order(line: str) -> tuple[bool, str]:
    return line.startswith("from"), line.casefold()
