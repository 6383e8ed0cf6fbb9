"""Further views of the results; only the open one is computed."""

from __future__ import annotations

from collections.abc import Callable

from core.bootstrap import App
from core.services.benchmarks.views import Results
from pages._ui.benchmark.categories import categories
from pages._ui.benchmark.cut import cut
from pages._ui.benchmark.differences import differences
from pages._ui.benchmark.disagreements import disagreements
from pages._ui.benchmark.fewer import fewer
from pages._ui.benchmark.pairs import pairs
from pages._ui.benchmark.scores import scores
from pages._ui.benchmark.several import several
from pages._ui.benchmark.stability import stability
from pages._ui.benchmark.sweep import sweep
from pages._ui.errors import told
from pages._ui.urlstate import switch

Section = Callable[[App, Results], None]
SECTIONS: dict[str, tuple[str, Section]] = {
    "pairs": ("Pairs", pairs),
    "queries": ("Query by query", differences),
    "disagree": ("Disagreements", disagreements),
    "categories": ("Categories", categories),
    "sweep": ("Depth", sweep),
    "cut": ("Tokens cut", cut),
    "scores": ("Scores", scores),
    "stability": ("Stability", stability),
    "fewer": ("Fewer judgments", fewer),
    "combined": ("Combined", several),
}
OF_PAIRS = ("pairs", "queries", "fewer")  # what takes two systems on judged queries
OF_LABELS = (*OF_PAIRS, "categories", "sweep", "combined")
OF_SEVERAL = (*OF_PAIRS, "disagree")


def offered(results: Results) -> list[str]:
    """Sections that have something to show for these results."""
    valued = any(row.measures for row in results.rows)
    return [
        name
        for name in SECTIONS
        if (valued or name not in OF_LABELS)
        and (len(results.rows) > 1 or name not in OF_SEVERAL)
        and (results.significance or name not in OF_PAIRS)
    ]


def sections(app: App, results: Results) -> None:
    """A switch, and the view that it opens."""
    if not results.rows:
        return
    shown = switch("More", offered(results), name="section", shown=lambda name: SECTIONS[name][0], keep=True)
    with told():
        SECTIONS[shown][1](app, results)
