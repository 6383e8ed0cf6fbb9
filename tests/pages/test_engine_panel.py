"""The engine on the page Systems: what is in memory and how, what the cache spares, and giving something back."""

from core.bootstrap import App
from core.domain.collections import Collection
from core.domain.work import CacheState, ResidentModel
from core.services import answer_file
from pages._ui.engine_panel import resident_said
from tests.pages.conftest import Open
from tests.support.fake_engine import FakeEngine
from tests.support.page_tree import sent, texts

PACKED = ResidentModel(id="small", memory_bytes=90_000_000, device="cpu", precision="fp32", execution="packed")
PADDED = ResidentModel(
    id="large",
    memory_bytes=1_400_000_000,
    device="cuda (NVIDIA H200)",
    precision="bf16",
    execution="padded (relative position bias)",
)


def test_models_with_memory_device_precision_and_execution(
    engine: FakeEngine, open_page: Open, small: Collection
) -> None:
    engine.models = [PACKED, PADDED]
    at = open_page("systems", show="engine")
    shown = texts(at)
    assert "The engine is ready on CPU." in shown
    assert "90 MB, CPU fp32, packed" in shown
    assert resident_said(PADDED) == "1.4 GB, NVIDIA H200 bf16, padded (relative position bias)"
    assert "1.5 GB of 8.0 GB" in sent(at)
    at.button(key="unload-large").click().run()
    assert [model.id for model in engine.models] == ["small"]
    assert "large" not in texts(at)
    assert "is loaded again as soon as it is needed" in texts(at)


def test_unload_says_that_it_was_heard(engine: FakeEngine, open_page: Open, small: Collection, monkeypatch) -> None:
    engine.models = [PACKED]
    monkeypatch.setattr(engine, "unload", lambda _model: None)  # the engine is busy loading something
    at = open_page("systems", show="engine")
    at.button(key="unload-small").click().run()
    button = at.button(key="unload-small")
    assert (button.label, button.disabled) == ("Unloading", True)


def test_endpoints_and_indexes_take_no_device() -> None:
    endpoint = ResidentModel(id="e", memory_bytes=0, device="", precision="remote", execution="endpoint")
    index = ResidentModel(id="i", memory_bytes=2_000_000, device="cpu", precision="fp32", execution="index")
    assert (resident_said(endpoint), resident_said(index)) == ("over the network", "2 MB, index")


def test_the_cache_with_its_hit_rate_and_size(app: App, engine: FakeEngine, open_page: Open, small: Collection) -> None:
    at = open_page("systems", show="engine")
    assert at.metric[0].value == "\u2013"
    assert not [button for button in at.button if button.key == "empty_cache"]
    engine.cache = CacheState(hits=300, misses=100, disk_bytes=12_000_000, limit_bytes=2_000_000_000)
    file = app.settings.cache_dir / answer_file.NAME
    file.write_bytes(b"no database")
    at = open_page("systems", show="engine")
    assert (at.metric[0].value, at.metric[0].delta) == ("75%", "300 of 400 since the engine started")
    assert (at.metric[1].value, at.metric[1].delta) == ("12 MB", "of at most 2.0 GB")
    at.button(key="empty_cache").click().run()
    assert not file.exists()
