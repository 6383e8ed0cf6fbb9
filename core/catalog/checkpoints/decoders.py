"""Language models trained to judge one document: yes or no, 0 or 1, a logit, a grade after reasoning."""

from __future__ import annotations

from core.catalog.checkpoints.checkpoint import UNVERIFIED, Checkpoint, Page, card, config
from core.domain.models import GENERAL, MULTILINGUAL, ModelKind

_QWEN = card("Qwen/Qwen3-Reranker-0.6B")  # its model list states all three sizes
_QWEN_LIST = Page("https://huggingface.co/collections/Qwen/qwen3-reranker")
_MXBAI = Page("https://www.mixedbread.com/docs/models/reranking/mxbai-rerank-large-v2")
_MXBAI_CODE = Page("https://github.com/mixedbread-ai/mxbai-rerank")
_FLAG = Page("https://github.com/FlagOpen/FlagEmbedding")
_ERANK = Page("https://arxiv.org/abs/2509.00520")
_ERANK_SMALL = Page("https://featherless.ai/models/Alibaba-NLP/ERank-4B")


def _qwen3(size_name: str, size: int) -> Checkpoint:
    hub_id = f"Qwen/Qwen3-Reranker-{size_name}"
    return Checkpoint(
        id=f"qwen3-reranker-{size_name.lower()}",
        title=f"Qwen3-Reranker {size_name}",
        hub_id=_QWEN_LIST.says(hub_id),
        kind=_QWEN.says(ModelKind.CAUSAL_LM),
        formats=_QWEN.says(("qwen3-reranker",)),
        template=_QWEN.says("qwen3-reranker"),
        max_length=_QWEN.says(32_768),
        size=_QWEN_LIST.says(size),
        licence=_QWEN.says("apache-2.0"),
        languages=_QWEN.says((MULTILINGUAL,)),
        trained_on=Page("https://arxiv.org/abs/2506.05176").says("Labelled and synthetic pairs, then merged"),
        needs_code=_QWEN.says(False),
    )


def _mxbai_v2(size_name: str, size: int) -> Checkpoint:
    hub_id = f"mixedbread-ai/mxbai-rerank-{size_name}-v2"
    return Checkpoint(
        id=f"mxbai-rerank-{size_name}-v2",
        title=f"mxbai-rerank {size_name} v2",
        hub_id=_MXBAI_CODE.says(hub_id),
        kind=_MXBAI_CODE.says(ModelKind.CAUSAL_LM),
        formats=_MXBAI_CODE.says(("mxbai-rerank-v2",)),
        template=_MXBAI_CODE.says("mxbai-rerank-v2"),
        max_length=_MXBAI.says(8192),
        size=Page(f"https://www.mixedbread.com/docs/reranking/models/mxbai-rerank-{size_name}-v2").says(size),
        licence=_MXBAI.says("apache-2.0"),
        languages=_MXBAI.says((MULTILINGUAL,)),
        trained_on=_MXBAI.says("Reinforcement, contrastive and preference learning on Qwen2.5"),
        needs_code=_MXBAI_CODE.says(False),
    )


def _erank(size_name: str, size: int, *, seen: bool) -> Checkpoint:
    hub_id = f"Alibaba-NLP/ERank-{size_name}"
    return Checkpoint(
        id=f"erank-{size_name.lower()}",
        title=f"ERank {size_name}",
        hub_id=_ERANK_SMALL.says(hub_id) if seen else UNVERIFIED,
        kind=_ERANK.says(ModelKind.CAUSAL_LM),
        formats=_ERANK.says(("erank", GENERAL)),
        max_length=_ERANK_SMALL.says(32_768) if seen else UNVERIFIED,
        size=_ERANK.says(size),
        trained_on=_ERANK.says("Qwen3: finetuned to reason and grade, then reinforcement by listwise rewards"),
        needs_code=_ERANK_SMALL.says(False) if seen else UNVERIFIED,
    )


DECODERS: tuple[Checkpoint, ...] = (
    _qwen3("0.6B", 600_000_000),
    _qwen3("4B", 4_000_000_000),
    _qwen3("8B", 8_000_000_000),
    _mxbai_v2("base", 494_000_000),
    _mxbai_v2("large", 1_500_000_000),
    Checkpoint(
        id="bge-reranker-v2-gemma",
        title="BGE reranker v2 gemma",
        hub_id=_FLAG.says("BAAI/bge-reranker-v2-gemma"),
        kind=_FLAG.says(ModelKind.CAUSAL_LM),
        formats=_FLAG.says(("bge-gemma",)),
        template=_FLAG.says("bge-gemma"),
        max_length=config("BAAI/bge-reranker-v2-gemma").says(8192),
        languages=_FLAG.says((MULTILINGUAL,)),
        needs_code=_FLAG.says(False),
    ),
    _erank("4B", 4_000_000_000, seen=True),
    _erank("14B", 14_000_000_000, seen=False),
    _erank("32B", 32_000_000_000, seen=False),
)
