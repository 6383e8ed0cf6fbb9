"""The models of the benchmark: a cross-encoder of MiniLM-L6 shape, the bundled models, a shallow language model.

No cross-encoder is bundled, so one is made: the weights of all-MiniLM-L6-v2 under a classification head of seeded
random weights. Lengths, tokens and arithmetic are those of a real one; only its opinion is random.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from core.catalog.builtin import BUILTIN, MINILM_FOLDER
from core.catalog.digests import DigestCache
from core.catalog.places import bundled_folder, source_parts
from core.domain.capabilities import Capability
from core.domain.models import ModelEntry, ModelKind
from core.models.base import Adapter, LoadContext
from core.models.environment import transformers
from core.models.folder import model_folder
from core.models.load import load

SEED = 5
HEAD_SPREAD = 0.5  # standard deviation of the head's weights, so that scores are told apart
SHALLOW = 6  # layers
EMBEDDER, LLM = "all-minilm-l6-v2", "smollm2-135m-instruct"


class Shelf:
    """Where models are made and loaded; ``folder`` is disposable."""

    def __init__(self, folder: Path, threads: int, device: str = "cpu") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.device = folder, device
        self.context = LoadContext(device=device, threads=threads, cache_dir=folder / "cache")

    def load(self, entry: ModelEntry) -> Adapter:
        """The project's adapter."""
        return load(entry, self.context)

    def bundled(self, id: str) -> ModelEntry:
        """A bundled model by its id."""
        return next(entry for entry in BUILTIN if entry.id == id)

    def folder_of(self, entry: ModelEntry) -> Path:
        """Where the files of an entry lie; converts a bundled GGUF file once."""
        return model_folder(entry, self.context)

    def cross_encoder(self) -> ModelEntry:
        """MiniLM-L6 shape, made once."""
        folder = self.folder / "minilm-l6-cross-encoder"
        if not (folder / "config.json").is_file():
            _make_cross_encoder(_installed(self.bundled(EMBEDDER)), folder)
        return self.entry("minilm-l6-cross-encoder", folder, ModelKind.CROSS_ENCODER, {Capability.SCORE}, 512)

    def shallow_llm(self) -> ModelEntry:
        """The first layers of SmolLM2-135M-Instruct, made once: for workloads that count instead of time."""
        whole = self.folder_of(self.bundled(LLM))
        folder = self.folder / f"smollm2-first-{SHALLOW}-layers"
        if not (folder / "config.json").is_file():
            _make_shallow(whole, folder)
        can = {Capability.LABEL_LOGPROBS, Capability.LIKELIHOOD, Capability.GENERATE}
        return self.entry(folder.name, folder, ModelKind.CAUSAL_LM, can, 8192)

    def entry(
        self, id: str, folder: Path, kind: ModelKind, can: set[Capability], length: int, precision: str = "fp32"
    ) -> ModelEntry:
        """A folder as the catalogue would list it."""
        self.context.cache_dir.mkdir(parents=True, exist_ok=True)
        revision = DigestCache(self.context.cache_dir / "digests.json").folder(folder)
        return ModelEntry(
            id=id,
            kind=kind,
            source=f"folder:{folder}",
            revision=revision,
            capabilities=frozenset(can),
            max_length=length,
            precision=precision,
        )


def _installed(entry: ModelEntry) -> Path:
    package = source_parts(entry)[1]
    found = bundled_folder(package)
    if found is None:
        raise RuntimeError(f"Package {package} is not installed; see core/models/bundled.txt.")
    return found / MINILM_FOLDER


def _make_cross_encoder(source: Path, folder: Path) -> None:
    import torch

    library = transformers()
    torch.manual_seed(SEED)
    model = library.BertForSequenceClassification.from_pretrained(source, num_labels=1, local_files_only=True)
    torch.nn.init.normal_(model.classifier.weight, std=HEAD_SPREAD)
    tokenizer = library.AutoTokenizer.from_pretrained(source, local_files_only=True, model_max_length=512)
    _save(folder, model, tokenizer)


def _make_shallow(source: Path, folder: Path) -> None:
    library = transformers()
    config = library.AutoConfig.from_pretrained(source, local_files_only=True)
    config.num_hidden_layers = SHALLOW
    if getattr(config, "layer_types", None):
        config.layer_types = config.layer_types[:SHALLOW]
    model = library.AutoModelForCausalLM.from_pretrained(source, config=config, local_files_only=True)
    _save(folder, model, library.AutoTokenizer.from_pretrained(source, local_files_only=True))


def _save(folder: Path, model: object, tokenizer: object) -> None:
    """Built aside and renamed, so that an interrupted run leaves nothing half made."""
    aside = folder.with_name(folder.name + ".aside")
    shutil.rmtree(aside, ignore_errors=True)
    for part in (model, tokenizer):
        part.save_pretrained(aside)  # type: ignore[attr-defined]
    shutil.rmtree(folder, ignore_errors=True)
    aside.rename(folder)
