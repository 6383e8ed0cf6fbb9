"""Vectors for first stages, in batches as those of rankings: sized by measured pace, halved where memory is short."""

from __future__ import annotations

from collections.abc import Callable

from core.domain.errors import EngineError, ModelUnavailableError
from core.domain.models import ModelEntry
from core.domain.requests import Embed, EmbedAnswer
from core.models.base import Adapter
from core.retrieval.step import Wanted
from core.worker.budget import TARGET_S
from core.worker.faults import Fault
from core.worker.lane import Machinery
from core.worker.loading import Note
from core.worker.pool import Pending
from core.worker.residency import model_key

BATCH_S = 0.2  # how long one batch should last


class Encoder:
    """Model thread only. Nothing enters the answer cache: whoever wants the vectors keeps them."""

    def __init__(self, shared: Machinery) -> None:
        self._shared = shared

    def fill(
        self,
        wanted: Wanted,
        model: ModelEntry,
        *,
        note: Note,
        begin: Callable[[], None],
        cancelled: Callable[[], bool],
    ) -> None:
        """One batch more of what is wanted. ``note`` hears of loading; ``begin`` is called when the batch begins.

        ModelUnavailableError where the model cannot be had, EngineError where it has no vector for a text,
        CancelledError when ``cancelled`` came true.
        """
        adapter = self._shared.loader.adapter(model, note)
        if isinstance(adapter, Fault):
            raise ModelUnavailableError(adapter.message)
        begin()
        batch = self._batch(wanted, model, adapter)

        def stop() -> bool:
            self._shared.pulse.alive()
            return cancelled()

        for result in self._shared.runner.run(adapter, batch, stop).results:
            if not isinstance(result, EmbedAnswer):
                raise EngineError(result.message if isinstance(result, Fault) else f"{model.id} gave no vector.")
            wanted.rows.append(result.vector)

    def _batch(self, wanted: Wanted, model: ModelEntry, adapter: Adapter) -> list[Pending]:
        group = (model_key(model), Embed.__name__)
        left = self._shared.budgets.limit(group, adapter.batch_tokens) * BATCH_S / TARGET_S
        batch: list[Pending] = []
        for number, text in enumerate(wanted.texts[len(wanted.rows) :]):
            request = Embed(text=text, role=wanted.role)
            weight = max(1, int(adapter.weight(request)))
            left -= weight
            if batch and left < 0:
                break
            batch.append(Pending(str(number), request, model, group, number, weight=weight))
        return batch
