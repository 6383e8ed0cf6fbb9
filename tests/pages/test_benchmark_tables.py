"""Tables of a benchmark as functions of data: what stands in which cell, and what is left out where nobody knows it."""

from core.domain.canonical import Json
from core.domain.jobs import Job, JobKind, JobState
from core.domain.variants import Variant
from core.measures.significance.findings import Correction
from pages._ui.benchmark import pairs, progress_tables, result_tables, run_panel
from pages._ui.benchmark.query_sample import query_sample
from pages._ui.benchmark.take_along import value_table
from pages._ui.wording import UNKNOWN
from tests.support.benchmark_views import (
    MADE,
    MEASURE,
    made_cell,
    made_latency,
    made_plan,
    made_progress,
    made_results,
)

WEAK, STRONG = [0.1, 0.2, 0.3, 0.2, 0.1, 0.3, 0.2, 0.2], [0.7, 0.9, 0.8, 0.8, 0.6, 0.9, 0.8, 0.7]


def test_quality_has_means_with_half_widths_letters_and_bounds() -> None:
    table = result_tables.quality(made_results({"base": WEAK, "good": STRONG}))
    assert table["System"] == ["good", "base"]
    assert table["Group"] == ["a", "b"]
    # mean 0.775, s 0.10351, t(7) 2.3646: 2.3646 * 0.10351 / sqrt(8) = 0.0865
    assert table[MEASURE] == ["0.775 ± 0.087", "0.200 ± 0.063"]
    assert table[f"{MEASURE} bounds"] == ["0.68 to 0.88", "0.10 to 0.30"]
    assert table["Top 10 judged"] == ["60%", "60%"]
    assert "Failed" not in table


def test_one_query_has_no_interval_and_no_letters() -> None:
    table = result_tables.quality(made_results({"base": [0.25], "good": [0.5]}))
    assert table[MEASURE] == ["0.500", "0.250"]
    assert "Group" not in table


def test_cost_takes_the_deepest_probe_and_leaves_out_what_nobody_measured() -> None:
    latencies = {"good": (made_latency(10, 3.14159), made_latency(50, 12.4))}
    table = result_tables.cost(made_results({"base": WEAK, "good": STRONG}, latencies=latencies))
    assert table["p50 ms"] == [12, None]
    assert table["p95 ms"] == [25, None]
    assert table["Memory MB"] == [90, None]
    assert table["Prompt tokens"] == [1234, 1234]
    assert "Generated tokens" not in table
    assert "p50 ms" not in result_tables.cost(made_results({"base": WEAK, "good": STRONG}))


def test_the_file_has_every_figure_unrounded() -> None:
    results = made_results({"base": WEAK, "good": STRONG})
    table = result_tables.everything(results)
    cell = results.rows[0].measures[MEASURE]
    assert [table[f"{MEASURE}{end}"][0] for end in ("", " low", " high")] == [cell.mean, cell.low, cell.high]
    assert len({len(column) for column in table.values()}) == 1


def test_values_of_every_query_can_be_taken_along() -> None:
    table = value_table(made_results({"base": [0.1, 0.2], "good": [0.5, 0.6]}))
    assert table == {
        "System": ["good", "good", "base", "base"],
        "Query": ["q0", "q1", "q0", "q1"],
        MEASURE: [0.5, 0.6, 0.1, 0.2],
    }


def test_pairs_turn_signs_with_the_side_they_are_read_from() -> None:
    found = made_results({"base": WEAK, "good": STRONG}).significance[MEASURE]
    values, texts, hovers = pairs.difference_square(found)
    assert values[0][1] == -values[1][0]
    assert texts == [["", "+0.575*"], ["-0.575*", ""]]
    assert "good minus base: +0.575" in hovers[0][1]
    assert "better on 8, equal on 0, worse on 0" in hovers[0][1]
    assert "better on 0, equal on 0, worse on 8" in hovers[1][0]


def test_the_p_value_is_that_of_the_correction() -> None:
    found = made_results({"base": WEAK, "good": STRONG}).significance[MEASURE]
    (pair,) = found.pairs
    assert found.correction is Correction.HOLM
    assert pairs.adjusted(found, pair) == pair.holm_randomisation
    assert pairs.pair_table(found)["p"] == [pairs.probability(pair.holm_randomisation)]
    assert pairs.probability(0.0004) == "< 0.001"
    assert pairs.pair_table(found, full=True)["p_tukey"] == [pair.p_tukey]


def test_the_matrix_has_a_column_per_form_of_the_lists() -> None:
    shallow = Variant(first=10)
    progress = made_progress(
        made_cell("a", 6, 6),
        made_cell("b", 2, 6, failed=1, seconds=None),
        made_cell("a", 3, 6, variant=shallow, seconds=30),
        made_cell("b", 0, 6, variant=shallow, seconds=90),
    )
    table = progress_tables.matrix(progress)
    assert table["System"] == ["a", "b"]
    assert table["Whole lists"] == [6, 2]
    assert table["First 10"] == [3, 0]
    assert table["Time left"] == ["about 30 s", "not measured yet"]
    assert table["Failed"] == [None, 1]
    assert table["Latest failure"] == ["", "the model broke"]
    assert progress_tables.totals(progress) == {"Whole lists": 6, "First 10": 6}
    assert progress_tables.finished(progress) == ("a",)


def test_the_forecast_counts_what_is_left() -> None:
    progress = made_progress(made_cell("a", 6, 6), made_cell("b", 2, 6, seconds=7200.0))
    assert progress_tables.forecast_table(progress) == {
        "System": ["b"],
        "Rankings": [4],
        "Model calls": ["40"],
        "Time": ["about 2.0 h"],
    }


def made_job(request: Json) -> Job:
    """A cancelled one."""
    return Job(
        id="j",
        kind=JobKind.BENCHMARK,
        state=JobState.CANCELLED,
        title="Benchmark",
        request=request,
        done=0,
        total=6,
        message="",
        created_at=MADE,
        updated_at=MADE,
    )


def test_what_the_button_says_follows_the_state() -> None:
    open_one = made_progress(made_cell("a", 2, 6))
    assert run_panel.button_label(open_one, None) == "Start"
    assert run_panel.button_label(open_one, made_job({"plan": "p1", "one_query": ["a"]})) == "Start"
    assert run_panel.button_label(open_one, made_job({"plan": "p1"})) == "Resume"
    broken = made_progress(made_cell("a", 6, 6), made_cell("b", 4, 6, failed=2))
    assert run_panel.button_label(broken, None) == "Run the failed ones again"
    assert not run_panel.complete(made_progress(made_cell("a", 6, 6), probes=2, probes_done=1))
    assert run_panel.complete(made_progress(made_cell("a", 6, 6), probes=2, probes_done=2))


def test_a_sample_is_the_same_for_everybody_and_prefers_judged_queries() -> None:
    ids = [f"q{number}" for number in range(20)]
    judged = set(ids[:10])
    once = query_sample(ids, judged, 5)
    assert once == query_sample(ids, judged, 5)
    assert len(once) == 5
    assert set(once) <= judged
    assert list(once) == sorted(once, key=ids.index)
    assert len(query_sample(ids, judged, 15)) == 15
    assert query_sample(ids, (), 99) == tuple(ids)


def test_a_mean_without_a_cell_is_a_dash() -> None:
    assert result_tables.mean(None) == UNKNOWN
    assert made_plan(["a"]).baseline == "a"
