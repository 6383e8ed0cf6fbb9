"""What entries say for people alone: languages, licences, prices, public names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.catalog import Catalog
from core.domain.errors import InvalidInputError
from core.domain.models import MULTILINGUAL, RequestPrices
from core.settings import Settings
from db.store import SqlStore

COMMIT = "0123456789abcdef0123456789abcdef01234567"
HUB = {"source": "hub:owner/name", "revision": COMMIT, "kind": "cross-encoder"}
RERANK = {"kind": "rerank-endpoint", "url": "https://api.example.com", "model": "r-1", "dialect": "cohere"}


def catalog(home: Path, **tables: Any) -> Catalog:
    values: dict[str, Any] = {"models": {}, "endpoints": {}, **tables}
    return Catalog(Settings(home=home, database_url="sqlite://", **values))


def test_built_in_entries_say_what_their_model_cards_say(tmp_path: Path) -> None:
    told = {entry.id: (entry.licence, entry.languages, entry.public_name) for entry in catalog(tmp_path).entries()[:3]}
    assert told == {
        "lexical": ("mit", (MULTILINGUAL,), ""),
        "all-minilm-l6-v2": ("apache-2.0", ("en",), "sentence-transformers/all-MiniLM-L6-v2"),
        "smollm2-135m-instruct": ("apache-2.0", ("en",), "HuggingFaceTB/SmolLM2-135M-Instruct"),
    }


def test_languages_and_prices_of_a_table(tmp_path: Path) -> None:
    priced = {
        **RERANK,
        "languages": ["en", "zh"],
        "price_per_1000_requests": 2,
        "price_per_million_prompt_tokens": 0.05,
    }
    made = catalog(tmp_path, models={"ours": {**HUB, "languages": ["multilingual", "code"]}}, endpoints={"far": priced})
    assert made.entry("ours").languages == ("multilingual", "code")
    assert made.entry("far").languages == ("en", "zh")
    prices = RequestPrices(per_1000_requests=2.0, per_million_prompt_tokens=0.05)
    assert made.entry("far").prices == prices
    assert prices.stated
    assert not catalog(tmp_path, endpoints={"far": RERANK}).entry("far").prices.stated


def test_neither_enters_the_identity(tmp_path: Path) -> None:
    plain = catalog(tmp_path, endpoints={"far": RERANK}).entry("far")
    told = {**RERANK, "languages": ["en"], "price_per_1000_requests": 2.0, "licence": "proprietary"}
    assert catalog(tmp_path, endpoints={"far": told}).entry("far").identity == plain.identity


@pytest.mark.parametrize("wrong", ["EN", "english", "en-GB", ""])
def test_a_wrong_language_is_named(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(InvalidInputError, match=r"\[models\.ours\] languages: .* is not a code such as"):
        catalog(tmp_path, models={"ours": {**HUB, "languages": [wrong]}})


@pytest.mark.parametrize("wrong", [-1, "2", True, float("inf"), float("nan")])
def test_a_wrong_price_is_named(tmp_path: Path, wrong: object) -> None:
    table = {**RERANK, "price_per_1000_requests": wrong}
    with pytest.raises(InvalidInputError, match=r"\[endpoints\.far\] price_per_1000_requests: must be an amount"):
        catalog(tmp_path, endpoints={"far": table})


def test_models_of_a_table_have_no_price(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="unknown key"):
        catalog(tmp_path, models={"ours": {**HUB, "price_per_1000_requests": 1}})


def test_a_registered_model_keeps_its_languages_and_formats(tmp_path: Path) -> None:
    store = SqlStore(f"sqlite:///{tmp_path / 'runoff.sqlite'}", tmp_path)
    entry = catalog(tmp_path).describe("mine", {**HUB, "languages": ["de"], "formats": ["dear-pointwise"]})
    store.save_model(entry)
    assert store.models() == (entry,)
    store.close()
