"""MVP: passages that are scored together through view tokens, whatever order they come in (Na et al. 2025).

Each passage is encoded by itself behind m view tokens; the encoder's states at those are e_ik (passage i, view k). For
each view the decoder is given nothing but its padding token and reads {e_ik}_i, which gives an anchor a_k. The score
of passage i is mean_k a_k . e_ik. Cross-attention knows no positions, so the scores follow their passages through any
permutation; the passages are run in the order of their tokens, so that they do so to the last bit.
Paper: arXiv:2509.07485. Template and arithmetic as in the authors' published inference code.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from core.domain.documents import Document
from core.domain.errors import BadAnswerError
from core.domain.requests import Message, Part, Prompt
from core.models.seq2seq_runner import Cancelled, Seq2SeqRunner
from core.models.tokens import Row

VIEWS = 4  # of the published checkpoints
FORMAT = "mvp"
VIEW_TOKENS = tuple(f"<extra_id_{view}>" for view in range(VIEWS))


def view_prompt(query: str, document: Document) -> Prompt:
    """ "<extra_id_0><extra_id_1><extra_id_2><extra_id_3> | Query: q | Context: title text"."""
    text = f"{document.title} {document.text}".strip()
    parts = (
        Part(text=f"{''.join(VIEW_TOKENS)} | Query: "),
        Part(text=query, kind="query"),
        Part(text=" | Context: "),
        Part(text=text, kind="document", document_id=document.id),
    )
    return Prompt(messages=(Message(role="user", parts=parts),), chat=False)


def view_scores(
    model: Any,  # noqa: ANN401  (an encoder-decoder of the T5 family)
    runner: Seq2SeqRunner,
    texts: Sequence[Row],
    views: Sequence[int],
    cancelled: Cancelled,
) -> list[float]:
    """Scores of all ``texts`` (at least one), each of which begins with the token ids ``views``.

    BadAnswerError where one does not. CancelledError, also out of a forward pass.
    """
    if any(text[: len(views)].tolist() != list(views) for text in texts):
        raise BadAnswerError("the tokenizer does not leave the view tokens at the begin of the text.")
    keys = [text.tobytes() for text in texts]
    distinct = dict(sorted(zip(keys, texts, strict=True), key=lambda pair: pair[0]))
    with runner.watching(cancelled):
        states = dict(zip(distinct, runner.encode(list(distinct.values()), cancelled), strict=True))
        seen = torch.stack([states[key][: len(views)] for key in sorted(keys)])  # (n_texts, n_views, dim)
        anchors = _anchors(model, seen.transpose(0, 1))
    scores = torch.einsum("kd,nkd->n", anchors.float(), seen.float()) / len(views)
    found = np.empty(len(keys))
    found[np.argsort(np.array(keys, dtype=object), kind="stable")] = scores.cpu().numpy()
    values: list[float] = found.tolist()
    return values


def _anchors(model: Any, views: torch.Tensor) -> torch.Tensor:  # noqa: ANN401  (as above)
    """(n_views, dim): what the decoder makes of each view's states (n_views, n_texts, dim)."""
    start = torch.full((len(views), 1), model.config.pad_token_id, device=views.device)
    found = model.get_decoder()(
        input_ids=start,
        encoder_hidden_states=views,
        encoder_attention_mask=torch.ones(views.shape[:2], dtype=torch.long, device=views.device),
        use_cache=False,
    )
    anchors: torch.Tensor = found.last_hidden_state[:, 0]
    return anchors
