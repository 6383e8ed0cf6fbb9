"""One well-known checkpoint: what is known of it, and for each fact where it was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from core.catalog.kinds import CAPABILITIES
from core.domain.capabilities import Capability
from core.domain.models import ModelEntry, ModelKind

T = TypeVar("T", covariant=True)
S = TypeVar("S")
UNSTATED_LENGTH = 512  # tokens; what an entry without a stated limit is given, as in a [models.NAME] table


@dataclass(frozen=True, slots=True)
class Sourced(Generic[T]):
    """A fact and where it was read: an address, or the file of Runoff that decides it. None: unverified."""

    value: T | None
    source: str = ""

    @property
    def verified(self) -> bool:
        """Whether anybody read it anywhere."""
        return self.value is not None


UNVERIFIED: Sourced[Any] = Sourced(None)


@dataclass(frozen=True, slots=True)
class Page:
    """A place where facts stand."""

    address: str

    def says(self, value: S) -> Sourced[S]:
        """A fact that was read there."""
        return Sourced(value, self.address)


def card(hub_id: str) -> Page:
    """The model card of a checkpoint, with the tags and the figure of parameters that the hub shows on it."""
    return Page(f"https://huggingface.co/{hub_id}")


def config(hub_id: str) -> Page:
    """Its config.json."""
    return Page(f"https://huggingface.co/{hub_id}/blob/main/config.json")


def files(hub_id: str) -> Page:
    """The list of its files, with tags, licence and sizes."""
    return Page(f"https://huggingface.co/{hub_id}/tree/main")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """``revision``: a commit, None until it is looked up (python -m core systems --resolve): never from memory.

    ``branch``: where on the hub the safetensors weights lie, if not on the main branch ("refs/pr/1").
    ``kind``: which adapter loads it, from the class that its configuration names or the code its card shows.
    ``formats``: the inputs it was trained on (core/catalog/kinds.py). ``template``: the strategy that writes its exact
    input, where it demands one. ``size``: parameters, as rounded on its card. ``languages``: ISO 639-1, or
    "multilingual". ``options``: pooling, prefixes, markers. ``needs_code``: whether it runs only with program code that
    comes with it; Runoff executes none, so such a checkpoint is listed and never loaded. ``obstacle``: why else it
    cannot be loaded as it lies on the hub, and what to do.
    """

    id: str
    title: str
    hub_id: Sourced[str]
    revision: Sourced[str] = UNVERIFIED
    branch: Sourced[str] = UNVERIFIED
    kind: Sourced[ModelKind] = UNVERIFIED
    capabilities: Sourced[frozenset[Capability]] = UNVERIFIED
    formats: Sourced[tuple[str, ...]] = UNVERIFIED
    template: Sourced[str] = UNVERIFIED
    max_length: Sourced[int] = UNVERIFIED
    size: Sourced[int] = UNVERIFIED
    licence: Sourced[str] = UNVERIFIED
    languages: Sourced[tuple[str, ...]] = UNVERIFIED
    trained_on: Sourced[str] = UNVERIFIED
    options: Sourced[tuple[tuple[str, str], ...]] = UNVERIFIED
    needs_code: Sourced[bool] = UNVERIFIED
    obstacle: Sourced[str] = UNVERIFIED

    def entry(
        self, *, commit: str = "", parameters: int | None = None, licence: str = "", precision: str = "fp32"
    ) -> ModelEntry | None:
        """The model that this checkpoint is once ``commit`` is known ("": not loadable); None without id or kind.

        ``parameters`` and ``licence``: what the hub states, taken only where nobody stated them here.
        """
        hub_id, kind = self.hub_id.value, self.kind.value
        if hub_id is None or kind is None:
            return None
        return ModelEntry(
            id=self.id,
            kind=kind,
            source=f"hub:{hub_id}",
            revision=self.revision.value or commit,
            capabilities=self.capabilities.value or CAPABILITIES[kind],
            max_length=self.max_length.value or UNSTATED_LENGTH,
            precision=precision if kind is ModelKind.CAUSAL_LM else "fp32",
            title=self.title,
            licence=self.licence.value or licence,
            parameters=self.size.value or parameters,
            options=self.options.value or (),
            languages=self.languages.value or (),
            public_name=hub_id,
            formats=self.formats.value or (),
        )
