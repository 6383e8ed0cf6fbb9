"""Multi-vector models of the ColBERT kind: one normalised vector per token, in a small space of their own.

Encoding is that of sentence-transformers' MultiVectorEncoder (Khattab and Zaharia 2020, Santhanam et al. 2022): encoder
and linear projection; a marker token behind [CLS] ([unused0] before queries, [unused1] before documents in the ColBERT
weights); queries filled with [MASK] to a fixed length, whose vectors count although no token attends to them;
punctuation of documents is encoded and then left out. Special tokens in texts are disarmed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from core.domain.errors import BadAnswerError, CancelledError
from core.domain.models import ModelEntry
from core.domain.requests import Answer, Cut, Embed, EmbedAnswer, Request, Usage
from core.models.base import Arrangement, LoadContext, by_length
from core.models.chat import ChatRenderer
from core.models.device import device_for, free, memory_guard, memory_of, synchronize
from core.models.encoder_model import CPU_BATCH_TOKENS, GPU_BATCH_TOKENS
from core.models.folder import model_folder
from core.models.grouping import CPU_ENCODING, GPU_ENCODING, group
from core.models.limits import position_limit
from core.models.multi_vector_folder import load_multi_vector
from core.models.packed.interrupt import Interruptible
from core.models.tokens import TextTokenizer, frame_of


class MultiVectorAdapter:
    """One loaded multi-vector model."""

    def __init__(self, entry: ModelEntry, model: Any, device: torch.device) -> None:  # noqa: ANN401  (untyped library)
        """``model``: a MultiVectorEncoder on ``device``."""
        self.entry = entry
        self.memory_bytes = memory_of(model)
        self._model, self._device = model, device
        self._tokenizer = TextTokenizer(model.tokenizer)
        self._clean = ChatRenderer(self._tokenizer).clean
        self._interruptible = Interruptible(model)
        on_gpu = device.type == "cuda"
        self.batch_tokens = GPU_BATCH_TOKENS if on_gpu else CPU_BATCH_TOKENS
        self._limits = GPU_ENCODING if on_gpu else CPU_ENCODING
        transformer = model[0]
        stated = [entry.max_length, self._tokenizer.limit, position_limit(transformer.model.config)]
        longest = min(limit for limit in stated if limit)
        expansion = transformer.query_expansion
        self._fixed = int(expansion["length"]) if expansion else 0  # tokens of a query with its [MASK]s, at least
        transformer.document_length = min(longest, transformer.document_length or longest)
        if not expansion or expansion["strategy"] == "min":
            transformer.query_length = min(longest, transformer.query_length or longest)
        self.max_length: int = transformer.document_length
        query = self._fixed if expansion and expansion["strategy"] == "fixed" else transformer.query_length
        self._longest: dict[str, int] = {"query": int(query), "document": self.max_length}
        frame = frame_of(self._tokenizer, pair=False).size
        self._added = {role: frame + self._marker_tokens(role) for role in ("query", "document")}

    @property
    def execution(self) -> str:
        """It runs padded batches of neighbours in length."""
        return "padded (multi-vector encoder)"

    def arrange(self, requests: Sequence[Request]) -> Arrangement:
        """Longest first; texts share nothing."""
        return by_length([self._length(request) for request in self._checked(requests)])

    def shares(self, requests: Sequence[Request]) -> list[float]:
        """Tokens of each text after truncation and expansion, special tokens included."""
        return [float(self._length(request)) for request in self._checked(requests)]

    def answer(self, requests: Sequence[Request], cancelled: Callable[[], bool]) -> list[Answer]:
        """Token vectors in order, (n_tokens, dim) each, normalised."""
        asked = self._checked(requests)
        found: dict[int, np.ndarray] = {}
        with memory_guard(self.entry.id), torch.inference_mode(), self._interruptible.watching(cancelled):
            for role, encode in (("query", self._model.encode_query), ("document", self._model.encode_document)):
                places = [place for place, request in enumerate(asked) if request.role == role]
                for some in group([self._length(asked[place]) for place in places], self._limits):
                    if cancelled():
                        raise CancelledError("Cancelled.")
                    batch = [places[place] for place in some]
                    texts = [self._clean(asked[place].text) for place in batch]
                    vectors = encode(texts, batch_size=len(texts), show_progress_bar=False, convert_to_numpy=True)
                    found.update(zip(batch, vectors, strict=True))
        return [
            EmbedAnswer(vector=np.array(found[place], dtype=np.float32), usage=self._usage(request))
            for place, request in enumerate(asked)
        ]

    def forget(self) -> None:
        """Empty the cache of token ids."""
        self._tokenizer.forget()

    def synchronize(self) -> None:
        """Wait for the GPU."""
        synchronize(self._device)

    def close(self) -> None:
        """Drop the weights."""
        self._model = None
        self.forget()
        free(self._device)

    def _marker_tokens(self, role: str) -> int:
        prompt = str(self._model.prompts.get(role) or "")
        return len(self._tokenizer.ids(prompt)) if prompt else 0

    def _own(self, request: Embed) -> int:
        return len(self._tokenizer.ids(self._clean(request.text)))

    def _length(self, request: Embed) -> int:
        """Tokens that the model runs for a text."""
        length = min(self._longest[request.role], self._added[request.role] + self._own(request))
        return max(1, length, self._fixed if request.role == "query" else 0)

    def _usage(self, request: Embed) -> Usage:
        total = self._own(request)
        kept = min(total, self._longest[request.role] - self._added[request.role])
        cut = (Cut(document_id=request.document_id or "", tokens=total, kept=kept),)
        return Usage(prompt_tokens=self._length(request), cuts=cut if kept < total else ())

    def _checked(self, requests: Sequence[Request]) -> list[Embed]:
        found = [request for request in requests if isinstance(request, Embed) and request.at == "tokens"]
        if len(found) != len(requests):
            raise BadAnswerError(f"{self.entry.id} answers Embed of tokens alone: it has no vector of a whole text.")
        return found


def load(entry: ModelEntry, context: LoadContext) -> MultiVectorAdapter:
    """Load the model of ``entry`` from its local folder."""
    folder = model_folder(entry, context)
    device = device_for(context)
    return MultiVectorAdapter(entry, load_multi_vector(entry, folder, device), device)
