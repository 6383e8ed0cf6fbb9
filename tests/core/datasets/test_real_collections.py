"""The built-in sample and, where it lies beside the repository, Cranfield."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.datasets.collection_file import CollectionFile
from core.datasets.importing import import_source
from core.datasets.sample import SAMPLE_NAME, sample_folder
from tests.support.collections_on_disk import CRANFIELD, NO_CRANFIELD


def test_the_sample(tmp_path: Path) -> None:
    collection, warnings = import_source(sample_folder(), tmp_path, name=SAMPLE_NAME, sample=True)
    reader = CollectionFile(collection.path)
    assert warnings == ()
    assert collection.sample
    assert collection.documents >= 300
    assert collection.queries >= 42
    for query in reader.queries():
        found = reader.candidates(query.id)
        assert query.category
        assert found is not None
        assert 12 <= len(found.documents) <= 16, query.id
        assert set(found.ids) <= set(reader.judgments(query.id)), query.id
        assert set(reader.judgments(query.id).values()) <= {0, 1, 2, 3}


@pytest.mark.skipif(not CRANFIELD.exists(), reason=NO_CRANFIELD)
def test_cranfield(tmp_path: Path) -> None:
    collection, warnings = import_source(CRANFIELD, tmp_path, name="cranfield")
    assert (collection.documents, collection.queries, collection.judgments) == (1400, 225, 1837)
    assert warnings == ("2 documents have no text.",)
    reader = CollectionFile(collection.path)
    assert {document.id for document in reader.all_documents() if not document.content} == {"471", "995"}
    assert reader.judgments("3") == {"5": 1, "6": 1, "90": 1, "91": 1, "119": 1, "144": 1, "181": 1, "399": 1, "485": 0}
    assert "1" in [document.id for document in reader.search("propeller slipstream wing", 5)]
