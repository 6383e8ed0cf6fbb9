"""Parts of prompts that a trained checkpoint wants word for word."""

from __future__ import annotations

from core.domain.documents import Document
from core.domain.requests import Part


def exact_document(document: Document) -> Part:
    """The text of a document as it stands: nothing is marked or disarmed, since the template has no marks of ours."""
    return Part(text=document.content, kind="document", document_id=document.id)
