"""Models and services that score documents for a query."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from core.domain.models import ModelEntry, ModelKind
from core.domain.systems import System
from core.strategies.snippets.script import BY_SCORE, NotInFewLinesError, Script, identifier, located

_PREDICT = """    if not documents:
        return []
    pairs = [({query}query, {document}document) for document in documents]
    scores = {model}.predict(pairs, activation_fn=torch.nn.Identity())
"""
_LABEL = """    found = torch.as_tensor(scores)
    others = torch.cat([found[:, :{label}], found[:, {after}:]], dim=1)
    scores = (found[:, {label}] - others.logsumexp(1)).tolist()  # log-odds of the relevant label
"""
_ENDPOINT = """    body = {body}
    answer = httpx.post({url!r}, json=body, headers={headers}, timeout={timeout})
    answer.raise_for_status()
    scores = [0.0] * len(documents)
    for result in answer.json(){results}:
        scores[result["index"]] = result["{score}"]
"""
_SERVED = '{"model": MODEL, "query": query, "documents": documents, "top_n": len(documents)}'
# dialect -> path, body, where the results are, name of a score (the wire of core/models/rerank_endpoint.py)
_DIALECTS = {
    "cohere": ("/v2/rerank", _SERVED, '["results"]', "relevance_score"),
    "jina": ("/v1/rerank", _SERVED, '["results"]', "relevance_score"),
    "tei": ("/rerank", '{"query": query, "texts": documents, "truncate": True}', "", "score"),
}


def cross_encoder(script: Script, system: System, name: str) -> None:
    """Query and document read together."""
    ((_, model),) = system.slots
    if model.kind is not ModelKind.CROSS_ENCODER:
        raise NotInFewLinesError(f"{model.id} is no local cross-encoder.")
    script.use("import torch", "from sentence_transformers import CrossEncoder", packages=("sentence-transformers",))
    variable = identifier(model.id)
    script.once(f"{variable} = CrossEncoder({located(script, model)}, max_length={model.max_length})")
    parts = {
        part: f"{model.option(option)!r} + " if model.option(option) else ""
        for part, option in (("query", "query_prefix"), ("document", "document_prefix"))
    }
    body = _PREDICT.format(model=variable, **parts)
    label = model.option("positive_label")
    if label:
        body += _LABEL.format(label=int(label), after=int(label) + 1)
    script.function(name, body + BY_SCORE)
    script.notes["Runoff shortens only the document of a pair that is too long; CrossEncoder shortens the longer."] = (
        None
    )


def endpoint(script: Script, system: System, name: str) -> None:
    """One request to a ``/rerank`` service."""
    ((_, model),) = system.slots
    if model.option("dialect") not in _DIALECTS:
        raise NotInFewLinesError(f"The dialect {model.option('dialect')!r} of {model.id} is not a known one.")
    path, body, results, score = _DIALECTS[model.option("dialect")]
    script.use("import httpx", packages=("httpx",))
    if "MODEL" in body:
        script.once(f"{_constant(model)} = {model.revision!r}")
    headers = "{}"
    variable = model.option("key_variable")
    if variable:
        script.use("import os")
        headers = f'{{"Authorization": f"Bearer {{os.environ[{variable!r}]}}"}}'
    url = model.source if model.source.endswith("/rerank") else model.source + path
    script.function(
        name,
        _ENDPOINT.format(
            body=body.replace("MODEL", _constant(model)),
            url=url,
            headers=headers,
            timeout=float(model.option("timeout", "30")),
            results=results,
            score=score,
        )
        + BY_SCORE,
    )
    script.notes[f"{urlsplit(url).hostname} takes so many documents at once as its own limit allows."] = None


def _constant(model: ModelEntry) -> str:
    return re.sub(r"\W", "_", identifier(model.id)).upper()
