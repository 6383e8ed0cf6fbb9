"""The text form of a system: ``strategy[:model][?parameter=value&...]``.

    spec   = name [":" models] ["?" setting *("&" setting)]
    models = model / [slot "="] model *("+" slot "=" model)
    setting = name "=" value / "of=(" member *("," member) ")"
    member = spec without "?" / "(" spec ")"

Reading is lenient (blanks around members, members with "?" but without parentheses); writing is canonical:
settings and slots sorted by name, odd characters percent-encoded as in RFC 3986.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from core.domain.errors import InvalidInputError

MAX_LENGTH = 4_000
MAX_DEPTH = 8
MEMBERS = "of"
_NAME = re.compile(r"[A-Za-z0-9_-]*")
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_BLANKS = " \t\r\n"


class NotationError(InvalidInputError):
    """A specification that cannot be read. ``position``: index of the first character that is wrong."""

    def __init__(self, text: str, position: int, expected: str) -> None:
        here = text[position : position + 12]
        found = f"found {here!r}" if here else "it ends"
        super().__init__(f"Cannot read the system {text!r} at character {position + 1}: expected {expected}, {found}.")
        self.text, self.position = text, position


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A specification as written, nothing looked up. ``models``: slot (empty where unnamed) and model id."""

    strategy: str
    models: tuple[tuple[str, str], ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    members: tuple[Spec, ...] = ()


def parse(text: str) -> Spec:
    """Read one specification; NotationError with the position of the first mistake."""
    if len(text) > MAX_LENGTH:
        raise InvalidInputError(f"A system has at most {MAX_LENGTH} characters, not {len(text)}.")
    reader = _Reader(text)
    spec = reader.spec(depth=0)
    if reader.at < len(text):
        raise NotationError(text, reader.at, "the end of the system")
    return spec


def format_spec(spec: Spec) -> str:
    """The canonical text of a specification; ``parse`` reads it back to an equal one, up to sorting."""
    text = spec.strategy
    if spec.models:
        text += ":" + "+".join(_assign(slot, model) for slot, model in sorted(spec.models))
    settings = [(name, _encode(value)) for name, value in spec.parameters]
    if spec.members:
        settings.append((MEMBERS, f"({','.join(_member(member) for member in spec.members)})"))
    if settings:
        text += "?" + "&".join(f"{name}={value}" for name, value in sorted(settings))
    return text


def _member(spec: Spec) -> str:
    text = format_spec(spec)
    return f"({text})" if "?" in text else text


def _assign(slot: str, model: str) -> str:
    return f"{slot}={_encode(model)}" if slot else _encode(model)


def _encode(value: str) -> str:
    return quote(value, safe="/")


class _Reader:
    """A cursor over the text; every method reads one rule of the grammar and leaves ``at`` behind it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def spec(self, depth: int) -> Spec:
        if depth > MAX_DEPTH:
            raise NotationError(self.text, self.at, f"at most {MAX_DEPTH} nested systems")
        self._blanks()
        if self._accept("("):
            inner = self.spec(depth + 1)
            self._expect(")", 'the closing ")"')
            self._blanks()
            return inner
        strategy = self._name("the name of a strategy")
        models = self._models() if self._accept(":") else ()
        parameters: dict[str, str] = {}
        members: tuple[Spec, ...] = ()
        more = self._accept("?")
        while more:
            start = self.at
            name = self._name("the name of a parameter")
            self._expect("=", f'"=" after {name!r}')
            if name in parameters or (name == MEMBERS and members):
                raise NotationError(self.text, start, f"{name!r} only once")
            if name == MEMBERS:
                members = self._members(depth)
            else:
                parameters[name] = self._value("&,()?=")
            more = self._accept("&")
        self._blanks()
        return Spec(strategy=strategy, models=models, parameters=tuple(sorted(parameters.items())), members=members)

    def _models(self) -> tuple[tuple[str, str], ...]:
        found: dict[str, str] = {}
        while True:
            start = self.at
            slot, model = "", self._value("?&,()+=")
            if model and self._accept("="):
                slot, model = model, self._value("?&,()+=")
            if not model:
                raise NotationError(self.text, self.at, "the id of a model")
            if slot in found or (found and not slot):
                raise NotationError(self.text, start, "one model per slot, written slot=model")
            if slot and not _NAME.fullmatch(slot):
                raise NotationError(self.text, start, "the name of a slot")
            found[slot] = model
            if not self._accept("+"):
                return tuple(sorted(found.items()))

    def _members(self, depth: int) -> tuple[Spec, ...]:
        self._expect("(", f'"(" after "{MEMBERS}=": the members stand in parentheses')
        members = [self.spec(depth + 1)]
        while self._accept(","):
            members.append(self.spec(depth + 1))
        self._expect(")", '"," or the closing ")"')
        return tuple(members)

    def _name(self, expected: str) -> str:
        match = _NAME.match(self.text, self.at)
        if match is None or not match.group():
            raise NotationError(self.text, self.at, expected)
        self.at = match.end()
        return match.group()

    def _value(self, stops: str) -> str:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in stops:
            self.at += 1
        raw = self.text[start : self.at]
        wrong = _BAD_PERCENT.search(raw)
        if wrong:
            raise NotationError(self.text, start + wrong.start(), "two hexadecimal digits after %")
        try:
            value = unquote(raw.strip(_BLANKS), errors="strict")
            value.encode()
        except UnicodeError as error:
            raise NotationError(self.text, start, "text in UTF-8") from error
        return value

    def _blanks(self) -> None:
        while self._accept(_BLANKS):
            pass

    def _accept(self, characters: str) -> bool:
        if self.at < len(self.text) and self.text[self.at] in characters:
            self.at += 1
            return True
        return False

    def _expect(self, character: str, expected: str) -> None:
        if not self._accept(character):
            raise NotationError(self.text, self.at, expected)
