"""TREC's marked-up files: documents between <DOC> and </DOC>, topics between <top> and </top> or <topic> and </topic>.

They look like SGML, but tags of classic topics are never closed, ampersands are often bare, and several records follow
one another without a root, so that no parser of XML or HTML reads them as they are meant; regular expressions over one
record at a time do. A record is bounded, so that a file without its closing tags is not read into memory.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

from core.datasets.lines import MAX_LINE_BYTES, read_lines
from core.datasets.meter import Meter
from core.datasets.row import Row
from core.domain.errors import ImportFormatError

_TITLES = "TITLE|HEADLINE|HEAD|HL|TTL"
_TEXTS = "TEXT|BODY|LP|LEADPARA|ABSTRACT|CONTENTS?"
_NO_TEXT = re.compile(r"<(DOCNO|DOCID|DOCHDR|DATE|DATE1|FILEID|ACCESS)>.*?</\1>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_TOPIC_TAG = re.compile(r"<(num|number|title|query|desc|description|narr|narrative|question)\b[^>]*>", re.IGNORECASE)
_LABEL = re.compile(r"^\s*(Number|Topic|Description|Narrative|Question)\s*:\s*", re.IGNORECASE)
_NUMBER = re.compile(r"<top(?:ic)?\b[^>]*\b(?:number|id|qid)\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)


def read_trec_documents(path: Path, name: str, meter: Meter) -> Iterator[Row]:
    """Rows with id, title and text. ImportFormatError: no id, text outside a document, an end that is missing."""
    for line, record in _records(path, name, meter, "doc"):
        ids = _parts(record, "DOCNO|DOCID")
        if not ids or not ids[0]:
            raise ImportFormatError(name, "the document has no <DOCNO>.", line=line, column="DOCNO")
        titles = [title for title in _parts(record, _TITLES) if title]
        texts = [text for text in _parts(record, _TEXTS) if text]
        title = " ".join(" ".join(titles[:1]).split())
        if not texts:
            texts = [_plain(re.sub(rf"<({_TITLES})>.*?</\1>", " ", _NO_TEXT.sub(" ", record), flags=_FLAGS))]
        yield Row(file=name, line=line, values={"id": ids[0], "title": title, "text": "\n".join(texts)})


def read_trec_topics(path: Path, name: str, meter: Meter) -> Iterator[Row]:
    """Rows with id and text: the title, or the query or description where there is no title."""
    for line, record in _records(path, name, meter, "top|topic"):
        found = _topic_fields(record)
        number = _NUMBER.match(record)
        id = (number.group(1) if number else "") or found.get("num", "") or found.get("number", "")
        wording = ("title", "query", "question", "desc", "description")
        text = next((found[field] for field in wording if found.get(field)), "")
        if not id:
            raise ImportFormatError(name, "the topic has no number.", line=line, column="num")
        yield Row(file=name, line=line, values={"id": id, "text": text})


_FLAGS = re.IGNORECASE | re.DOTALL


def _topic_fields(record: str) -> dict[str, str]:
    """Each tag's text up to the next tag that is known."""
    marks = list(_TOPIC_TAG.finditer(record))
    ends = [*(mark.start() for mark in marks[1:]), len(record)][: len(marks)]
    found: dict[str, str] = {}
    for mark, end in zip(marks, ends, strict=True):
        text = _LABEL.sub("", " ".join(_plain(record[mark.end() : end]).split()))
        found.setdefault(mark.group(1).lower(), _LABEL.sub("", text))
    return found


def _records(path: Path, name: str, meter: Meter, tag: str) -> Iterator[tuple[int, str]]:
    """First line and text of every record from <tag> to </tag>, tags included."""
    opening, closing = re.compile(rf"<({tag})\b[^>]*>", re.IGNORECASE), re.compile(rf"</({tag})\s*>", re.IGNORECASE)
    gathered: list[str] = []
    first = length = 0
    for number, line in read_lines(path, name, meter):
        rest = line
        while rest:
            if not first:
                start = opening.search(rest)
                if start is None:
                    _refuse_text(rest, name, number, tag)
                    break
                _refuse_text(rest[: start.start()], name, number, tag)
                first, rest = number, rest[start.start() :]
            end = closing.search(rest)
            gathered.append(rest[: end.end()] if end else rest)
            length += len(gathered[-1])
            if length > MAX_LINE_BYTES:
                cause = f"no </{tag.split('|')[0]}> within {MAX_LINE_BYTES:,} characters."
                raise ImportFormatError(name, cause, line=first)
            if end is None:
                break
            yield first, "\n".join(gathered)
            gathered, first, length, rest = [], 0, 0, rest[end.end() :]
    if first:
        raise ImportFormatError(name, f"the record is never closed by </{tag.split('|')[0]}>.", line=first)


def _refuse_text(text: str, name: str, line: int, tag: str) -> None:
    """Between records only blanks, comments, declarations and tags that enclose everything may stand."""
    if _TAG.sub("", re.sub(r"<[?!][^>]*>", "", text)).strip():
        cause = f"text outside <{tag.split('|')[0]}> ... </{tag.split('|')[0]}>: {text.strip()[:40]!r}."
        raise ImportFormatError(name, cause, line=line)


def _parts(record: str, tags: str) -> list[str]:
    return [_plain(match.group(2)) for match in re.finditer(rf"<({tags})\b[^>]*>(.*?)</\1\s*>", record, _FLAGS)]


def _plain(text: str) -> str:
    """Without tags, entities resolved."""
    return html.unescape(_TAG.sub(" ", text)).strip()
