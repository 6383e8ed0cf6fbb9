"""[models.NAME] tables of the configuration to model entries: hub ids with a pinned commit, local folders.

Everything that decides how a model is run is stated: ``kind`` is required for the hub (a folder's own
config.json states it), the revision is a full commit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from core.catalog.digests import DigestCache
from core.catalog.folders import describe_folder
from core.catalog.kinds import (
    CAPABILITIES,
    CHOSEN,
    COUNTED,
    FORMATS,
    LOCAL_KINDS,
    NUMBERED,
    OPTIONS,
    PRECISIONS,
    SWITCHED,
    possible,
)
from core.catalog.places import missing_file
from core.catalog.reading import Table
from core.domain.capabilities import Capability
from core.domain.models import GENERAL, ModelEntry, ModelKind

COMMON = {
    "source", "revision", "kind", "capabilities", "formats", "max_length", "precision", "title", "licence",
    "languages", "parameters",
}  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_COMMIT = re.compile(r"[0-9a-f]{40}")


def model_entry(
    name: str, values: Mapping[str, object], digests: DigestCache, default_precision: str = "fp32"
) -> ModelEntry:
    """The entry of table ``models.<name>``; InvalidInputError names the key that is wrong.

    ``default_precision`` is that of causal language models; everything else is fp32 unless stated.
    """
    table = Table(name=f"models.{name}", values=values)
    check_name(table, name)
    scheme, _, rest = table.text("source").partition(":")
    if scheme == "hub":
        return _hub(name, rest, table, default_precision)
    if scheme == "folder":
        return _folder(name, rest, table, digests, default_precision)
    raise table.error("source", f"{table.text('source')!r} must be 'hub:owner/name' or 'folder:path'.")


def check_name(table: Table, name: str) -> None:
    """A model's name stands in system notation, so it may only have letters, digits and . _ -"""
    if not _NAME.fullmatch(name):
        raise table.error("name", f"{name!r} may only have letters, digits and . _ - and starts with none of these.")


def _hub(name: str, hub_id: str, table: Table, default_precision: str) -> ModelEntry:
    if not _HUB_ID.fullmatch(hub_id) or ".." in hub_id:
        raise table.error("source", f"'hub:{hub_id}' must be 'hub:owner/name'.")
    revision = table.text("revision")
    if not _COMMIT.fullmatch(revision):
        raise table.error("revision", f"{revision!r} must be a full commit of 40 hexadecimal digits, not a branch.")
    kind = _kind(table)
    return _entry(name, f"hub:{hub_id}", revision, kind, table, default_precision, 512, "", None)


def _folder(name: str, path: str, table: Table, digests: DigestCache, default_precision: str) -> ModelEntry:
    if "revision" in table.values:
        raise table.error("revision", "a folder's revision is the digest of its files; leave the key out.")
    folder = Path(path).expanduser()
    if missing_file(folder):  # listed all the same, so that the page can say why it cannot be loaded
        return _entry(name, f"folder:{folder}", "missing", _kind(table), table, default_precision, 512, "", None)
    found = describe_folder(folder)
    if found.kind is None and "kind" not in table.values:
        raise table.error("kind", f"is required: config.json states {found.architecture!r}, which says no kind.")
    kind = _kind(table, found.kind)
    revision, length = digests.folder(folder), found.max_length
    entry = _entry(
        name, f"folder:{folder}", revision, kind, table, default_precision, length, found.licence, found.parameters
    )
    return entry if "formats" in table.values else replace(entry, formats=found.formats)


def _kind(table: Table, default: ModelKind | None = None) -> ModelKind:
    return ModelKind(table.choice("kind", LOCAL_KINDS, default))


def _entry(
    name: str,
    source: str,
    revision: str,
    kind: ModelKind,
    table: Table,
    default_precision: str,
    max_length: int,
    licence: str,
    parameters: int | None,
) -> ModelEntry:
    table.refuse_unknown(COMMON | OPTIONS[kind])
    precision = default_precision if kind is ModelKind.CAUSAL_LM else "fp32"
    return ModelEntry(
        id=name,
        kind=kind,
        source=source,
        revision=revision,
        capabilities=_capabilities(table, kind),
        max_length=table.whole("max_length", max_length),
        precision=table.choice("precision", PRECISIONS, precision),
        title=table.text("title", name),
        licence=table.text("licence", licence),
        languages=table.languages(),
        parameters=table.whole("parameters", parameters) if "parameters" in table.values else parameters,
        options=_options(table, kind),
        formats=formats_of(table),
    )


def formats_of(table: Table) -> tuple[str, ...]:
    """The trained input formats that ``formats`` states, sorted; empty where the key is absent."""
    stated = table.texts("formats") or ()
    for value in stated:
        if value not in FORMATS and value != GENERAL:
            raise table.error("formats", f"{value!r} is not a format. Allowed: {', '.join([*FORMATS, GENERAL])}.")
    return tuple(sorted(set(stated)))


def _capabilities(table: Table, kind: ModelKind) -> frozenset[Capability]:
    stated = table.texts("capabilities")
    if stated is None:
        return CAPABILITIES[kind]
    for value in stated:
        if value not in possible(kind):
            allowed = ", ".join(sorted(possible(kind)))
            raise table.error("capabilities", f"{value!r} is not one of a {kind}. Allowed: {allowed}.")
    return frozenset(Capability(value) for value in stated)


def _options(table: Table, kind: ModelKind) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for key in OPTIONS[kind] & set(table.values):
        if key in NUMBERED:
            found[key] = str(_number(table, key))
        elif key in COUNTED:
            found[key] = str(table.whole(key))
        elif key in SWITCHED:
            found[key] = "true" if table.flag(key) else "false"
        elif key in CHOSEN:
            found[key] = table.choice(key, CHOSEN[key])
        else:
            found[key] = table.text(key)
    return tuple(sorted(found.items()))


def _number(table: Table, key: str) -> int:
    value = table.values[key]
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise table.error(key, f"must be a whole number from 0, not {value!r}.")
    return value
