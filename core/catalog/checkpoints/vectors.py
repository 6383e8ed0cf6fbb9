"""Embedding models: one vector per text, one per token (ColBERT), vectors of whole lists (E2Rank, jina-reranker-v3)."""

from __future__ import annotations

from core.catalog.checkpoints.checkpoint import Checkpoint, Page, card, config
from core.domain.capabilities import Capability
from core.domain.models import GENERAL, MULTILINGUAL, ModelKind

_E2RANK = Page("https://github.com/Alibaba-NLP/E2Rank")
_COLBERT_MTEB = Page(
    "https://github.com/embeddings-benchmark/mteb/blob/main/mteb/models/model_implementations/colbert_models.py"
)
_QWEN_MTEB = Page(
    "https://github.com/embeddings-benchmark/mteb/blob/main/mteb/models/model_implementations/qwen3_models.py"
)
_JINA = Page("https://jina.ai/models/jina-reranker-v3")
_JINA_HERE = Page("core/strategies/embedding/jina_v3.py")  # its weights run in a class of transformers
_INSTRUCT = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"
_BGE_M3 = Page("https://docs.api.nvidia.com/nim/reference/baai-bge-m3")
_COLBERT_SMALL = card("answerdotai/answerai-colbert-small-v1")


def _e2rank(size_name: str, size: int) -> Checkpoint:
    hub_id = f"Alibaba-NLP/E2Rank-{size_name}"
    return Checkpoint(
        id=f"e2rank-{size_name.lower()}",
        title=f"E2Rank {size_name}",
        hub_id=_E2RANK.says(hub_id),
        kind=_E2RANK.says(ModelKind.EMBEDDER),
        formats=_E2RANK.says(("e2rank", GENERAL)),
        template=_E2RANK.says("e2rank"),
        max_length=_E2RANK.says(32_768),
        size=_E2RANK.says(size),
        licence=card(hub_id).says("apache-2.0"),
        trained_on=_E2RANK.says("Contrastive pairs, then ranked lists"),
        options=_E2RANK.says((("pooling", "last"), ("query_prefix", _INSTRUCT), ("suffix", "<|endoftext|>"))),
        needs_code=_E2RANK.says(False),
    )


def _qwen3(size_name: str, size: int) -> Checkpoint:
    return Checkpoint(
        id=f"qwen3-embedding-{size_name.lower()}",
        title=f"Qwen3-Embedding {size_name}",
        hub_id=_QWEN_MTEB.says(f"Qwen/Qwen3-Embedding-{size_name}"),
        kind=_QWEN_MTEB.says(ModelKind.EMBEDDER),
        formats=_QWEN_MTEB.says(()),
        max_length=_QWEN_MTEB.says(32_768),
        size=_QWEN_MTEB.says(size),
        licence=_QWEN_MTEB.says("apache-2.0"),
        languages=_QWEN_MTEB.says((MULTILINGUAL,)),
        trained_on=_QWEN_MTEB.says("MS MARCO, NQ, HotpotQA, FEVER, MIRACL, Mr. TyDi, DuRetrieval, T2, code and others"),
        options=_E2RANK.says((("pooling", "last"), ("query_prefix", _INSTRUCT))),
        needs_code=_QWEN_MTEB.says(False),
    )


VECTORS: tuple[Checkpoint, ...] = (
    Checkpoint(
        id="colbertv2.0",
        title="ColBERTv2",
        hub_id=_COLBERT_MTEB.says("colbert-ir/colbertv2.0"),
        kind=_COLBERT_MTEB.says(ModelKind.MULTI_VECTOR),
        formats=_COLBERT_MTEB.says(("colbert", GENERAL)),
        max_length=_COLBERT_MTEB.says(180),
        size=_COLBERT_MTEB.says(110_000_000),
        licence=_COLBERT_MTEB.says("mit"),
        languages=_COLBERT_MTEB.says(("en",)),
        trained_on=_COLBERT_MTEB.says("MS MARCO passages"),
        needs_code=_COLBERT_MTEB.says(False),
    ),
    Checkpoint(
        id="answerai-colbert-small-v1",
        title="answerai-colbert-small v1",
        hub_id=_COLBERT_SMALL.says("answerdotai/answerai-colbert-small-v1"),
        kind=_COLBERT_SMALL.says(ModelKind.MULTI_VECTOR),
        formats=_COLBERT_SMALL.says(("colbert", GENERAL)),
        max_length=Page("https://superlinked.com/models/answerdotai-answerai-colbert-small-v1--score.md").says(512),
        size=_COLBERT_SMALL.says(33_000_000),
        licence=_COLBERT_SMALL.says("apache-2.0"),
        languages=_COLBERT_SMALL.says(("en",)),
        needs_code=_COLBERT_SMALL.says(False),
    ),
    Checkpoint(
        id="gte-moderncolbert-v1",
        title="GTE-ModernColBERT v1",
        hub_id=_COLBERT_MTEB.says("lightonai/GTE-ModernColBERT-v1"),
        kind=_COLBERT_MTEB.says(ModelKind.MULTI_VECTOR),
        formats=_COLBERT_MTEB.says(("colbert", GENERAL)),
        max_length=_COLBERT_MTEB.says(8192),
        size=_COLBERT_MTEB.says(149_000_000),
        licence=_COLBERT_MTEB.says("apache-2.0"),
        languages=_COLBERT_MTEB.says(("en",)),
        trained_on=_COLBERT_MTEB.says("MS MARCO passages with scores of a BGE reranker"),
        needs_code=_COLBERT_MTEB.says(False),
    ),
    Checkpoint(
        id="jina-colbert-v2",
        title="jina-colbert v2",
        hub_id=_COLBERT_MTEB.says("jinaai/jina-colbert-v2"),
        kind=_COLBERT_MTEB.says(ModelKind.MULTI_VECTOR),
        formats=_COLBERT_MTEB.says(("colbert", GENERAL)),
        max_length=_COLBERT_MTEB.says(8192),
        size=_COLBERT_MTEB.says(559_000_000),
        licence=_COLBERT_MTEB.says("cc-by-nc-4.0"),
        languages=_COLBERT_MTEB.says((MULTILINGUAL,)),
        trained_on=_COLBERT_MTEB.says("MS MARCO, mMARCO, DuRetrieval, MIRACL"),
        options=_COLBERT_MTEB.says((("document_marker", "[DocumentMarker]"), ("query_marker", "[QueryMarker]"))),
        needs_code=_COLBERT_MTEB.says(True),
    ),
    Checkpoint(
        id="jina-reranker-v3",
        title="jina-reranker v3",
        hub_id=config("jinaai/jina-reranker-v3").says("jinaai/jina-reranker-v3"),
        kind=_JINA_HERE.says(ModelKind.EMBEDDER),
        capabilities=_JINA.says(frozenset({Capability.EMBED_MARKS})),
        formats=_JINA.says(("jina-reranker-v3",)),
        template=_JINA.says("jina-v3"),
        max_length=config("jinaai/jina-reranker-v3").says(131_072),
        size=_JINA.says(597_000_000),
        licence=_JINA.says("cc-by-nc-4.0"),
        languages=_JINA.says((MULTILINGUAL,)),
        needs_code=_JINA_HERE.says(False),
    ),
    _e2rank("0.6B", 600_000_000),
    _e2rank("4B", 4_000_000_000),
    _e2rank("8B", 8_000_000_000),
    _qwen3("0.6B", 595_776_512),
    _qwen3("4B", 4_021_774_336),
    _qwen3("8B", 7_567_295_488),
    Checkpoint(
        id="gte-modernbert-base",
        title="GTE on ModernBERT base",
        hub_id=card("Alibaba-NLP/gte-modernbert-base").says("Alibaba-NLP/gte-modernbert-base"),
        kind=card("Alibaba-NLP/gte-modernbert-base").says(ModelKind.EMBEDDER),
        formats=card("Alibaba-NLP/gte-modernbert-base").says(()),
        max_length=card("Alibaba-NLP/gte-modernbert-base").says(8192),
        size=card("Alibaba-NLP/gte-modernbert-base").says(149_000_000),
        languages=card("Alibaba-NLP/gte-modernbert-base").says(("en",)),
        options=card("Alibaba-NLP/gte-modernbert-base").says((("pooling", "cls"),)),
        needs_code=card("Alibaba-NLP/gte-modernbert-base").says(False),
    ),
    Checkpoint(
        id="bge-m3",
        title="BGE-M3, dense vectors",
        hub_id=_BGE_M3.says("BAAI/bge-m3"),
        kind=_BGE_M3.says(ModelKind.EMBEDDER),
        formats=_BGE_M3.says(()),
        max_length=_BGE_M3.says(8192),
        licence=_BGE_M3.says("mit"),
        languages=_BGE_M3.says((MULTILINGUAL,)),
        options=Page("https://arxiv.org/abs/2402.03216").says((("pooling", "cls"),)),
    ),
)
