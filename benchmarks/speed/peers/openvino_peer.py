"""OpenVINO's CPU runtime on the same checkpoint, fed with care: all pairs sorted by tokens, 32 at a time.

sentence-transformers' own OpenVINO back end does not import beside transformers 5; the graph is converted from the
torch module here, in fp32 and for any batch and length.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.speed.ours import nested
from benchmarks.speed.timing import Variant
from core.domain.documents import CandidateList
from core.models.environment import transformers

NAME = "OpenVINO, sorted"
BATCH = 32
INPUTS = ("input_ids", "attention_mask", "token_type_ids")


def variant(folder: Path, lists: Sequence[CandidateList], threads: int) -> Variant:
    """One compiled model; the pairs of all lists in one go."""
    tokenizer = transformers().AutoTokenizer.from_pretrained(folder, local_files_only=True)
    compiled = _compiled(folder, tokenizer, threads)
    pairs = [(one.query.text, document.content) for one in lists for document in one.documents]

    def encode(chosen: Sequence[tuple[str, str]]) -> Any:  # noqa: ANN401 - transformers' own mapping
        return tokenizer([a for a, _ in chosen], [b for _, b in chosen], truncation=True, max_length=512)

    def scored(chosen: Sequence[tuple[str, str]]) -> list[float]:
        found = encode(chosen)
        order = sorted(range(len(chosen)), key=lambda place: -len(found["input_ids"][place]))
        scores = [0.0] * len(chosen)
        for start in range(0, len(order), BATCH):
            places = order[start : start + BATCH]
            rows = [{name: found[name][place] for name in INPUTS} for place in places]
            batch = tokenizer.pad(rows, return_tensors="np")
            logits = compiled([batch[name].astype("int64") for name in INPUTS])[0]
            for place, value in zip(places, logits[:, 0].tolist(), strict=True):
                scores[place] = value
        return scores

    return Variant(
        name=NAME,
        run=lambda: nested(scored(pairs), lists),
        warm_up=lambda: scored(pairs[:BATCH]),
        tokenise=lambda: encode(pairs),
    )


def _compiled(folder: Path, tokenizer: Any, threads: int) -> Any:  # noqa: ANN401 - neither library has types
    import openvino
    import torch

    class Logits(torch.nn.Module):
        """The checkpoint with three tensors in and one out."""

        def __init__(self) -> None:
            super().__init__()
            library = transformers()
            self.model = library.AutoModelForSequenceClassification.from_pretrained(folder, local_files_only=True)

        def forward(
            self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
        ) -> torch.Tensor:
            """(batch, tokens) each to (batch, labels)."""
            inputs = {"input_ids": input_ids, "attention_mask": attention_mask, "token_type_ids": token_type_ids}
            logits: torch.Tensor = self.model(**inputs).logits
            return logits

    example = tokenizer([("a query", "a text"), ("a query", "a text of more words")], padding=True, return_tensors="pt")
    with torch.inference_mode():
        graph = openvino.convert_model(Logits().eval(), example_input={name: example[name] for name in INPUTS})
    settings = {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32"}
    return openvino.Core().compile_model(graph, "CPU", settings)
