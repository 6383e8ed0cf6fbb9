"""Strategies over vectors, by sentence-transformers."""

from __future__ import annotations

from core.domain.models import ModelEntry, ModelKind
from core.domain.systems import System
from core.strategies.snippets.script import BY_SCORE, NotInFewLinesError, Script, identifier, located

_BI_ENCODER = """    asked = {model}.encode_query(query, {query}normalize_embeddings=True)
    found = {model}.encode_document(documents, {document}normalize_embeddings=True)
    scores = (found @ asked).tolist()
"""
_TOKENS = '''
def token_vectors(model: SentenceTransformer, text: str) -> np.ndarray:
    """Unit vectors of the text's own tokens, without [CLS] and [SEP]."""
    inputs = model.tokenizer(text, truncation=True, max_length=model.max_seq_length, return_special_tokens_mask=True)
    own = [place for place, special in enumerate(inputs["special_tokens_mask"]) if not special]
    vectors = model.encode(text, output_value="token_embeddings").float().cpu().numpy()[own]
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
'''
_MAXSIM = """    asked = token_vectors({model}, {query} + query)
    scores = []
    for document in documents:
        found = token_vectors({model}, {document} + document)
        scores.append(float((asked @ found.T).max(axis=1).sum()) if len(found) else -float(len(asked)))
"""


def bi_encoder(script: Script, system: System, name: str) -> None:
    """Cosine of one vector each."""
    ((_, model),) = system.slots
    loaded = _loaded(script, model)
    query, document = (_prompt(model, option) for option in ("query_prefix", "document_prefix"))
    script.function(name, _BI_ENCODER.format(model=loaded, query=query, document=document) + BY_SCORE)


def maxsim(script: Script, system: System, name: str) -> None:
    """Every query token finds its best document token."""
    ((_, model),) = system.slots
    loaded = _loaded(script, model)
    script.use("import numpy as np", packages=("numpy",))
    script.once(_TOKENS)
    parts = {}
    for part in ("query", "document"):
        own = model.option(f"{part}_prefix")
        parts[part] = repr(own) if own else f'{loaded}.prompts.get("{part}", "")'
    script.function(name, _MAXSIM.format(model=loaded, **parts) + BY_SCORE)


def _loaded(script: Script, model: ModelEntry) -> str:
    if model.kind is not ModelKind.EMBEDDER:
        raise NotInFewLinesError(f"{model.id} is no local embedding model.")
    if model.option("suffix"):
        raise NotInFewLinesError(f"{model.id} ends every text with {model.option('suffix')}.")
    script.use("from sentence_transformers import SentenceTransformer", packages=("sentence-transformers",))
    variable = identifier(model.id)
    script.once(
        f"{variable} = SentenceTransformer({located(script, model)})\n"
        f"{variable}.max_seq_length = min({model.max_length}, {variable}.max_seq_length)  # tokens, as measured"
    )
    if model.option("pooling"):
        script.notes[f"Runoff pools {model.id} by {model.option('pooling')!r}; check the model's own setting."] = None
    return variable


def _prompt(model: ModelEntry, option: str) -> str:
    """Sentence-transformers takes the prompts of the model's own configuration unless told otherwise."""
    return f"prompt={model.option(option)!r}, " if model.option(option) else ""
