"""T5 and its kin: pointwise and pairwise rerankers (monoT5, RankT5, duoT5), list rerankers, and FLAN-T5 as it is."""

from __future__ import annotations

from core.catalog.checkpoints.checkpoint import UNVERIFIED, Checkpoint, Page, Sourced, card, files
from core.domain.capabilities import Capability
from core.domain.models import ModelKind

_PYGAGGLE = Page("https://github.com/castorini/pygaggle")
_RANK_LLM = Page("https://github.com/castorini/rank_llm")
_LISTT5 = Page("https://github.com/soyoung97/ListT5")
_MTEB = Page(
    "https://github.com/embeddings-benchmark/mteb/blob/main/mteb/models/model_implementations/rerankers_monot5_based.py"
)
_LIT5_PAPER = Page("https://arxiv.org/abs/2312.16098")
_FLAN_PAPER = Page("https://arxiv.org/abs/2210.11416")
_FUSED = frozenset({Capability.GENERATE_FUSED})


def _castorini(
    name: str, title: str, form: str, trained_on: str, size: int | None = None, branch: str | None = None
) -> Checkpoint:
    """monoT5 and duoT5 of their authors: pickled on the main branch, tagged t5, without a licence on the card."""
    hub_id = f"castorini/{name}"
    said = card(hub_id)
    return Checkpoint(
        id=name,
        title=title,
        hub_id=said.says(hub_id),
        branch=Page(f"https://huggingface.co/{hub_id}/discussions").says(branch) if branch else UNVERIFIED,
        kind=said.says(ModelKind.SEQ2SEQ),
        formats=_PYGAGGLE.says((form,)),
        template=_PYGAGGLE.says(form),
        max_length=_PYGAGGLE.says(512),
        size=said.says(size) if size else UNVERIFIED,
        languages=_MTEB.says(("en",)) if form == "monot5" else UNVERIFIED,
        trained_on=said.says(trained_on),
        needs_code=said.says(False),
    )


def _korea(name: str, title: str, form: str, *, fused: bool = False) -> Checkpoint:
    """RankT5 and ListT5 as published with ListT5: pickled, tagged t5, no licence on the card."""
    hub_id = f"Soyoung97/{name}"
    return Checkpoint(
        id=name.lower(),
        title=title,
        hub_id=_LISTT5.says(hub_id),
        kind=card(hub_id).says(ModelKind.SEQ2SEQ),
        capabilities=_LISTT5.says(_FUSED) if fused else UNVERIFIED,
        formats=_LISTT5.says((form,)),
        template=_LISTT5.says(form),
        size=_LISTT5.says(3_000_000_000) if name.endswith("3b") else UNVERIFIED,
        trained_on=_LISTT5.says("MS MARCO passages"),
        needs_code=card(hub_id).says(False),
    )


def _lit5(name: str, title: str, size: int) -> Checkpoint:
    """LiT5-Distill: safetensors of a T5 whose encoder reads each passage by itself."""
    hub_id = f"castorini/{name}"
    return Checkpoint(
        id=name.lower(),
        title=title,
        hub_id=_RANK_LLM.says(hub_id),
        kind=files(hub_id).says(ModelKind.SEQ2SEQ),
        capabilities=_LIT5_PAPER.says(_FUSED),
        formats=_RANK_LLM.says(("lit5",)),
        template=_RANK_LLM.says("lit5"),
        size=files(hub_id).says(size),
        trained_on=_LIT5_PAPER.says("Orders that RankGPT gave MS MARCO passages"),
        needs_code=files(hub_id).says(False),
    )


def _flan(name: str, size: Sourced[int], licence: Sourced[str]) -> Checkpoint:
    """FLAN-T5: follows instructions in words; reads yes/no, labels and likelihoods of any prompt."""
    hub_id = f"google/{name}"
    return Checkpoint(
        id=name,
        title=name.upper().replace("FLAN-T5-", "FLAN-T5 ").replace("BASE", "base").replace("SMALL", "small"),
        hub_id=_FLAN_PAPER.says(hub_id) if name == "flan-t5-small" else _MTEB.says(hub_id),
        kind=card(hub_id).says(ModelKind.SEQ2SEQ),
        formats=_FLAN_PAPER.says(()),
        size=size,
        licence=licence,
        trained_on=_FLAN_PAPER.says("T5 finetuned on instructions for 1,836 tasks"),
        needs_code=card(hub_id).says(False),
    )


T5: tuple[Checkpoint, ...] = (
    _castorini(
        "monot5-base-msmarco-10k",
        "monoT5 base, one epoch",
        "monot5",
        "MS MARCO passages, 10k steps (one epoch)",
        branch="refs/pr/1",
    ),
    _castorini(
        "monot5-base-msmarco", "monoT5 base, ten epochs", "monot5", "MS MARCO passages, 100k steps (ten epochs)"
    ),
    _castorini(
        "monot5-large-msmarco-10k", "monoT5 large, one epoch", "monot5", "MS MARCO passages, 10k steps (one epoch)"
    ),
    _castorini(
        "monot5-3b-msmarco-10k",
        "monoT5 3B, one epoch",
        "monot5",
        "MS MARCO passages, 10k steps (one epoch)",
        size=3_000_000_000,
    ),
    _castorini("duot5-base-msmarco", "duoT5 base", "duot5", "MS MARCO passages in pairs, 50k steps (five epochs)"),
    _castorini(
        "duot5-3b-msmarco",
        "duoT5 3B",
        "duot5",
        "MS MARCO passages in pairs, 50k steps (five epochs), from monoT5 3B",
        size=3_000_000_000,
    ),
    _korea("RankT5-base", "RankT5 base", "rankt5"),
    _korea("RankT5-large", "RankT5 large", "rankt5"),
    _korea("RankT5-3b", "RankT5 3B", "rankt5"),
    _korea("ListT5-base", "ListT5 base", "listt5", fused=True),
    _korea("ListT5-3b", "ListT5 3B", "listt5", fused=True),
    _lit5("LiT5-Distill-base", "LiT5-Distill base", 248_000_000),
    _lit5("LiT5-Distill-large", "LiT5-Distill large", 783_000_000),
    _flan("flan-t5-small", UNVERIFIED, UNVERIFIED),
    _flan("flan-t5-base", _MTEB.says(247_000_000), card("google/flan-t5-base").says("apache-2.0")),
    _flan("flan-t5-large", _MTEB.says(783_000_000), UNVERIFIED),
    _flan("flan-t5-xl", _MTEB.says(2_850_000_000), UNVERIFIED),
)
