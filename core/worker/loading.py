"""Loads models for the scheduler: says so, remembers what failed, and refuses what killed the process."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from core.domain.models import ModelEntry
from core.domain.work import ResidentModel
from core.models.base import Adapter, LoadContext, OutOfMemoryError
from core.worker.faults import Fault, fault_of
from core.worker.residency import Residency, model_key

Note = Callable[[str], None]

_ELSEWHERE = {"endpoint": "", "index": "cpu"}  # execution to device, for what torch does not run


class Loader:
    """Model thread only. A failed load is not tried again until ``forgive`` (new work, a finished download).

    While a model is loaded nothing can interrupt it, neither a cancelled job nor a person's work: the libraries that
    read weights ask nobody.
    """

    def __init__(
        self,
        residency: Residency,
        context: LoadContext,
        poisoned: Mapping[str, str],
        announce: Callable[[tuple[str, ...]], None],
        changed: Callable[[], None],
    ) -> None:
        self._residency, self._poisoned = residency, poisoned
        self._announce, self._changed = announce, changed
        self._failed: dict[str, Fault] = {}
        self._told: tuple[tuple[str, int], ...] = ()  # id and bytes of what is loaded
        self._note: Note = lambda _text: None
        context.report = lambda text: self._note(text)

    def adapter(self, entry: ModelEntry, note: Note) -> Adapter | Fault:
        """The loaded model, or why it cannot be had; ``note`` hears what is going on."""
        resident = self._residency.find(entry)
        key = f"load:{model_key(entry)}"
        if resident is not None:
            return self._residency.get(entry)
        if key in self._poisoned:
            return Fault(message=f"Could not load {entry.id}: {self._poisoned[key]}")
        if key not in self._failed:
            note(f"loading {entry.id}")
            self._note = note
            self._announce((key,))
            outcome = self._load(entry)
            self._announce(())
            self._note = lambda _text: None
            self._tell()
            if not isinstance(outcome, Fault):
                return outcome
            self._failed[key] = outcome
        return self._failed[key]

    def make_room(self, adapter: Adapter) -> bool:
        """Give back every other model; whether there were any."""
        released = self._residency.release_others(adapter.entry)
        self._tell()
        return released

    def look(self) -> None:
        """Say so where a model takes other memory than was told (an index that was opened by a request)."""
        if self._memory() != self._told:
            self._tell()

    def forgive(self) -> None:
        """What failed may be tried again."""
        self._failed.clear()

    def is_resident(self, entry: ModelEntry) -> bool:
        """Whether the model is loaded."""
        return self._residency.find(entry) is not None

    def unload(self, id: str) -> bool:
        """Give back a model, by its id; whether it was loaded. It is loaded anew when it is asked again."""
        released = self._residency.release(id)
        if released:
            self._tell()
        return released

    def models(self, device: str) -> tuple[ResidentModel, ...]:
        """Every loaded model, least recently used first; ``device``: where those run that torch runs."""
        return tuple(
            ResidentModel(
                id=adapter.entry.id,
                memory_bytes=adapter.memory_bytes,
                device=_ELSEWHERE.get(adapter.execution, device),
                precision=adapter.entry.precision,
                execution=adapter.execution,
            )
            for adapter in self._residency.adapters()
        )

    def _memory(self) -> tuple[tuple[str, int], ...]:
        return tuple((adapter.entry.id, adapter.memory_bytes) for adapter in self._residency.adapters())

    def _tell(self) -> None:
        self._told = self._memory()
        self._changed()

    def _load(self, entry: ModelEntry) -> Adapter | Fault:
        for attempt in range(2):
            try:
                return self._residency.get(entry)
            except (OutOfMemoryError, MemoryError) as error:
                if attempt or not self._residency.release_others(entry):
                    return Fault(message=f"Could not load {entry.id}: out of memory ({error}).")
            except Exception as error:  # noqa: BLE001  (a model library may raise anything; it costs only this model)
                return fault_of(error, f"loading {entry.id}")
        raise AssertionError("unreachable")
