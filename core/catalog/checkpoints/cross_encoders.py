"""Cross-encoders: query and document in one input, one number out; encoders, and decoders with a head."""

from __future__ import annotations

from core.catalog.checkpoints.checkpoint import UNVERIFIED, Checkpoint, Page, card, config, files
from core.domain.capabilities import Capability
from core.domain.models import MULTILINGUAL, ModelKind

_MTEB = Page(
    "https://github.com/embeddings-benchmark/mteb/blob/main/mteb/models/model_implementations/rerankers_custom.py"
)
_BGE = Page("https://bge-model.com/tutorial/5_Reranking/5.2.html")
_FLAG = Page("https://github.com/FlagOpen/FlagEmbedding")
_DEAR = Page("https://github.com/DataScienceUIBK/DeAR-Reranking")
_OWN_HEADS = Page("core/strategies/pointwise/bge_layerwise.py")  # its weights run in a class of transformers


def _ms_marco(name: str, size: int) -> Checkpoint:
    """The second version of the MS MARCO cross-encoders of sentence-transformers: all alike but for their size."""
    return Checkpoint(
        id=f"ms-marco-{name.lower()}-v2",
        title=f"MS MARCO {name} v2",
        hub_id=_MTEB.says(f"cross-encoder/ms-marco-{name}-v2"),
        kind=_MTEB.says(ModelKind.CROSS_ENCODER),
        formats=_MTEB.says(()),
        max_length=_MTEB.says(512),
        size=_MTEB.says(size),
        licence=_MTEB.says("apache-2.0"),
        languages=_MTEB.says(("en",)),
        trained_on=_MTEB.says("MS MARCO passages"),
        needs_code=_MTEB.says(False),
    )


def _mxbai_v1(size_name: str) -> Checkpoint:
    """The first rerankers of Mixedbread: DeBERTa v2 for sequence classification."""
    hub_id = f"mixedbread-ai/mxbai-rerank-{size_name}-v1"
    return Checkpoint(
        id=f"mxbai-rerank-{size_name}-v1",
        title=f"mxbai-rerank {size_name} v1",
        hub_id=files(hub_id).says(hub_id),
        kind=config(hub_id).says(ModelKind.CROSS_ENCODER),
        formats=files(hub_id).says(()),
        max_length=Page("https://www.mixedbread.com/docs/models/reranking/mxbai-rerank-large-v2").says(512),
        licence=files(hub_id).says("apache-2.0"),
        languages=files(hub_id).says(("en",)),
        needs_code=config(hub_id).says(False),
    )


CROSS_ENCODERS: tuple[Checkpoint, ...] = (
    _ms_marco("TinyBERT-L2", 4_386_049),
    _ms_marco("MiniLM-L2", 15_615_745),
    _ms_marco("MiniLM-L4", 19_164_673),
    _ms_marco("MiniLM-L6", 22_713_601),
    _ms_marco("MiniLM-L12", 33_360_385),
    Checkpoint(
        id="ms-marco-electra-base",
        title="MS MARCO ELECTRA base",
        hub_id=Page("https://github.com/beir-cellar/beir").says("cross-encoder/ms-marco-electra-base"),
        kind=Page("https://github.com/beir-cellar/beir").says(ModelKind.CROSS_ENCODER),
        formats=Page("https://github.com/beir-cellar/beir").says(()),
    ),
    Checkpoint(
        id="bge-reranker-base",
        title="BGE reranker base",
        hub_id=_BGE.says("BAAI/bge-reranker-base"),
        kind=_BGE.says(ModelKind.CROSS_ENCODER),
        formats=_BGE.says(()),
        size=_BGE.says(278_000_000),
        languages=_BGE.says(("zh", "en")),
        needs_code=_BGE.says(False),
    ),
    Checkpoint(
        id="bge-reranker-large",
        title="BGE reranker large",
        hub_id=_BGE.says("BAAI/bge-reranker-large"),
        kind=_BGE.says(ModelKind.CROSS_ENCODER),
        formats=_BGE.says(()),
        size=_BGE.says(560_000_000),
        languages=_BGE.says(("zh", "en")),
        needs_code=_BGE.says(False),
    ),
    Checkpoint(
        id="bge-reranker-v2-m3",
        title="BGE reranker v2 m3",
        hub_id=_BGE.says("BAAI/bge-reranker-v2-m3"),
        kind=files("BAAI/bge-reranker-v2-m3").says(ModelKind.CROSS_ENCODER),
        formats=_BGE.says(()),
        size=_BGE.says(568_000_000),
        licence=files("BAAI/bge-reranker-v2-m3").says("apache-2.0"),
        languages=files("BAAI/bge-reranker-v2-m3").says((MULTILINGUAL,)),
        needs_code=files("BAAI/bge-reranker-v2-m3").says(False),
    ),
    Checkpoint(
        id="bge-reranker-v2-minicpm-layerwise",
        title="BGE reranker v2 MiniCPM, a head behind every upper layer",
        hub_id=config("BAAI/bge-reranker-v2-minicpm-layerwise").says("BAAI/bge-reranker-v2-minicpm-layerwise"),
        kind=_FLAG.says(ModelKind.CROSS_ENCODER),
        capabilities=_FLAG.says(frozenset({Capability.SCORE, Capability.EXIT_LAYER})),
        formats=_FLAG.says(("bge-layerwise",)),
        template=_FLAG.says("bge-layerwise"),
        max_length=config("BAAI/bge-reranker-v2-minicpm-layerwise").says(2048),
        licence=files("BAAI/bge-reranker-v2-minicpm-layerwise").says("apache-2.0"),
        languages=files("BAAI/bge-reranker-v2-minicpm-layerwise").says((MULTILINGUAL,)),
        needs_code=_OWN_HEADS.says(False),
    ),
    Checkpoint(
        id="bge-reranker-v2.5-gemma2-lightweight",
        title="BGE reranker v2.5 gemma2 lightweight, merges tokens",
        hub_id=config("BAAI/bge-reranker-v2.5-gemma2-lightweight").says("BAAI/bge-reranker-v2.5-gemma2-lightweight"),
        kind=_FLAG.says(ModelKind.CROSS_ENCODER),
        capabilities=_FLAG.says(frozenset({Capability.SCORE, Capability.EXIT_LAYER})),
        formats=_FLAG.says(("bge-layerwise",)),
        max_length=config("BAAI/bge-reranker-v2.5-gemma2-lightweight").says(8192),
        needs_code=config("BAAI/bge-reranker-v2.5-gemma2-lightweight").says(True),
    ),
    Checkpoint(
        id="jina-reranker-v1-turbo-en",
        title="jina-reranker v1 turbo",
        hub_id=card("jinaai/jina-reranker-v1-turbo-en").says("jinaai/jina-reranker-v1-turbo-en"),
        kind=card("jinaai/jina-reranker-v1-turbo-en").says(ModelKind.CROSS_ENCODER),
        formats=card("jinaai/jina-reranker-v1-turbo-en").says(()),
        max_length=card("jinaai/jina-reranker-v1-turbo-en").says(8192),
        size=card("jinaai/jina-reranker-v1-turbo-en").says(37_800_000),
        licence=card("jinaai/jina-reranker-v1-turbo-en").says("apache-2.0"),
        languages=card("jinaai/jina-reranker-v1-turbo-en").says(("en",)),
        trained_on=card("jinaai/jina-reranker-v1-turbo-en").says("Distilled from jina-reranker-v1-base-en"),
        needs_code=config("jinaai/jina-reranker-v1-turbo-en").says(True),
    ),
    Checkpoint(
        id="jina-reranker-v2-base-multilingual",
        title="jina-reranker v2 base multilingual",
        hub_id=card("jinaai/jina-reranker-v2-base-multilingual").says("jinaai/jina-reranker-v2-base-multilingual"),
        kind=card("jinaai/jina-reranker-v2-base-multilingual").says(ModelKind.CROSS_ENCODER),
        formats=card("jinaai/jina-reranker-v2-base-multilingual").says(()),
        max_length=card("jinaai/jina-reranker-v2-base-multilingual").says(1024),
        licence=card("jinaai/jina-reranker-v2-base-multilingual").says("cc-by-nc-4.0"),
        languages=card("jinaai/jina-reranker-v2-base-multilingual").says((MULTILINGUAL,)),
        needs_code=_MTEB.says(True),
    ),
    *(_mxbai_v1(name) for name in ("xsmall", "base", "large")),
    Checkpoint(
        id="gte-reranker-modernbert-base",
        title="GTE reranker on ModernBERT base",
        hub_id=card("Alibaba-NLP/gte-reranker-modernbert-base").says("Alibaba-NLP/gte-reranker-modernbert-base"),
        kind=card("Alibaba-NLP/gte-reranker-modernbert-base").says(ModelKind.CROSS_ENCODER),
        formats=card("Alibaba-NLP/gte-reranker-modernbert-base").says(()),
        max_length=card("Alibaba-NLP/gte-reranker-modernbert-base").says(8192),
        size=card("Alibaba-NLP/gte-reranker-modernbert-base").says(149_000_000),
        licence=card("Alibaba-NLP/gte-reranker-modernbert-base").says("apache-2.0"),
        languages=card("Alibaba-NLP/gte-reranker-modernbert-base").says(("en",)),
        needs_code=card("Alibaba-NLP/gte-reranker-modernbert-base").says(False),
    ),
    Checkpoint(
        id="dear-8b-reranker-ce-v1",
        title="DeAR pointwise 8B (cross-entropy)",
        hub_id=_DEAR.says("abdoelsayed/dear-8b-reranker-ce-v1"),
        kind=_DEAR.says(ModelKind.CROSS_ENCODER),
        formats=_DEAR.says(("dear-pointwise",)),
        template=_DEAR.says("dear-pointwise"),
        max_length=_DEAR.says(228),
        size=_DEAR.says(8_000_000_000),
        languages=UNVERIFIED,
        trained_on=_DEAR.says("MS MARCO, 40k queries, distilled from a 13B teacher"),
        needs_code=_DEAR.says(False),
    ),
)
