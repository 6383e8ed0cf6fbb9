"""What the Hugging Face hub says of a model: commit, size, licence, files. One small request, no weights.

HF_ENDPOINT, HF_TOKEN and the proxies of the environment are honoured, as in downloads (core/models/fetch.py).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx

from core.catalog.places import is_model_file
from core.catalog.resolved import MAIN, HubFacts
from core.domain.errors import ModelUnavailableError

HUB = "https://huggingface.co"
CAUSES = {401: "not public, or no such model", 403: "access must be granted on the hub first", 404: "not found there"}


def hub_address() -> str:
    """HF_ENDPOINT where it is set, else the public hub."""
    return (os.environ.get("HF_ENDPOINT") or HUB).rstrip("/")


def hub_headers() -> dict[str, str]:
    """With the token of HF_TOKEN or of a login, where there is one."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from huggingface_hub import get_token

    headers = {"Accept-Encoding": "identity"}
    token = get_token()
    return {**headers, "Authorization": f"Bearer {token}"} if token else headers


def hub_client() -> httpx.Client:
    """Redirects lead to the hub's storage; httpx drops the token when the host changes."""
    return httpx.Client(timeout=httpx.Timeout(30.0, connect=5.0), follow_redirects=True)


def hub_facts(client: httpx.Client, name: str, revision: str = MAIN) -> HubFacts:
    """GET /api/models/{name}/revision/{revision}; ModelUnavailableError with the cause.

    ``revision``: a branch, a tag, a reference such as "refs/pr/1", or a commit.
    """
    address = f"{hub_address()}/api/models/{name}/revision/{quote(revision, safe='')}?blobs=true"
    try:
        response = client.get(address, headers=hub_headers())
        return _facts(response.raise_for_status().json())
    except httpx.HTTPStatusError as error:
        cause = CAUSES.get(error.response.status_code, f"HTTP {error.response.status_code}")
        raise ModelUnavailableError(f"Could not look up {name} at {revision}: {cause}.") from error
    except httpx.TransportError as error:
        raise ModelUnavailableError(f"Could not look up {name}: the hub cannot be reached ({error}).") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelUnavailableError(f"Could not look up {name}: {hub_address()} does not answer as a hub.") from error


def _facts(said: Mapping[str, Any]) -> HubFacts:
    files: Sequence[Mapping[str, Any]] = said.get("siblings") or []
    taken = [file for file in files if is_model_file(str(file["rfilename"]))]
    sizes = [file.get("size") for file in taken]
    config: Mapping[str, Any] = said.get("config") or {}
    total = (said.get("safetensors") or {}).get("total")
    return HubFacts(
        commit=_commit(said["sha"]),
        parameters=int(total) if total else None,
        licence=str((said.get("cardData") or {}).get("license") or ""),
        architectures=tuple(str(name) for name in config.get("architectures") or ()),
        safetensors=any(str(file["rfilename"]).endswith(".safetensors") for file in taken),
        own_code=bool(config.get("auto_map")),
        download_bytes=None if None in sizes else sum(int(size or 0) for size in sizes),
    )


def _commit(value: object) -> str:
    text = str(value)
    if len(text) != 40 or not all(letter in "0123456789abcdef" for letter in text):
        raise ValueError(f"{text!r} is no commit")
    return text
