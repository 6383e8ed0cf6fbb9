"""Vectors for first stages, in batches as those of rankings: sized by measured pace, halved where memory is short."""

from __future__ import annotations

from collections.abc import Callable

from core.domain.errors import CancelledError, EngineError, ModelUnavailableError
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
LOOK_AHEAD = 64  # texts that are tokenised to see how many make a batch, at least


class Encoder:
    """Model thread only. Nothing enters the answer cache: whoever wants the vectors keeps them."""

    def __init__(self, shared: Machinery) -> None:
        self._shared = shared
        self._last = 0  # texts in the batch before

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

        executed = self._shared.runner.run(adapter, batch, stop)
        if executed.interrupted:  # rows must stand in the order of the texts, so parts of a batch are of no use
            raise CancelledError("interrupted")
        for result in executed.results:
            if not isinstance(result, EmbedAnswer):
                raise EngineError(result.message if isinstance(result, Fault) else f"{model.id} gave no vector.")
            wanted.rows.append(result.vector)

    def _batch(self, wanted: Wanted, model: ModelEntry, adapter: Adapter) -> list[Pending]:
        group = (model_key(model), Embed.__name__)
        left = self._shared.budgets.limit(group, adapter.batch_tokens) * BATCH_S / TARGET_S
        first = len(wanted.rows)
        texts = wanted.texts[first : first + max(LOOK_AHEAD, 2 * self._last)]
        requests = [Embed(text=text, role=wanted.role) for text in texts]
        arrangement = adapter.arrange(requests)
        tokens = dict(zip(arrangement.order, arrangement.full, strict=True))
        batch: list[Pending] = []
        for number, request in enumerate(requests):
            left -= tokens[number]
            if batch and left < 0:
                break
            batch.append(Pending(str(number), request, model, group, number))
        self._last = len(batch)
        return batch
