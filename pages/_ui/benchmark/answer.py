"""The answer of a benchmark: the sentence, the dot plot and the tables."""

from __future__ import annotations

import math

import streamlit as st

from core.bootstrap import App
from core.domain.benchmarks import BenchmarkPlan
from core.domain.machines import told_apart
from core.measures.significance.findings import Correction
from core.services.benchmarks.views import Results
from pages._ui import ran_on
from pages._ui.benchmark import result_tables
from pages._ui.benchmark.alike import alike_said
from pages._ui.benchmark.benchmark_words import stage_said
from pages._ui.benchmark.mean_figure import lines_said, mean_figure
from pages._ui.board.chart_data import explained
from pages._ui.escape import code, plain
from pages._ui.theme import PLOT
from pages._ui.urlstate import begin, switch
from pages._ui.wording import UNKNOWN, counted

CORRECTIONS = {Correction.HOLM: "Holm", Correction.TUKEY: "Randomised Tukey"}
NO_LABELS = (
    "None of these queries has relevance labels, so nothing can be said of quality here. Cost, disagreement and "
    "stability need no labels; votes in the arena or judgments would tell which order is better."
)


def results_of(app: App, plan: BenchmarkPlan) -> Results:
    """With the correction that the address asks for."""
    return app.results.of(plan, correction=chosen_correction())


def chosen_correction() -> Correction:
    """Before its switch is drawn in this run."""
    known = [str(one) for one in CORRECTIONS]
    return Correction(st.session_state[begin("correction", known, known[0], keep=True)])


def answer(app: App, results: Results) -> None:
    """The sentence, what it rests on, the plot and the tables of quality and cost."""
    st.markdown(f"## {plain(results.sentence)}")
    st.caption(basis(results))
    for said in alike_said(results):
        st.caption(said)
    if results.open:
        named = ", ".join(code(spec) for spec in results.open)
        st.caption(f"Not compared yet, since not every query is ranked: {named}.")
    if any(results.measure in row.measures for row in results.rows):
        plot(results)
        st.dataframe(
            result_tables.quality(results),
            hide_index=True,
            column_config=_quality_columns(results),
            width="stretch",
            placeholder=UNKNOWN,
        )
    elif not results.judged_queries:
        st.info(NO_LABELS)
    costs(results)
    ran_on.precisions(app, [row.spec for row in results.rows])


def basis(results: Results) -> str:
    """What was compared, in Markdown."""
    queries = counted(results.queries, "query", "queries")
    judged = len(results.judged_queries)
    share = "all of them" if judged == results.queries else f"{judged:,}" if judged else "none"
    labelled = f"{share} with relevance labels"
    parts = [f"{queries}, {labelled}", f"candidates: {plain(stage_said(results.plan.first_stage))}"]
    if results.recall_ceiling is not None:
        parts.append(f"the candidates hold {results.recall_ceiling:.0%} of what is relevant")
    found = results.significance.get(results.measure)
    if found is not None and found.pairs and 0 < median_detectable(results) < math.inf:
        parts.append(
            f"of two systems a true difference of {median_detectable(results):.3f} in {plain(results.measure)} would "
            "be found with 80 % probability"
        )
    return "; ".join(parts) + "."


def median_detectable(results: Results) -> float:
    """The middle one over the pairs."""
    ordered = sorted(pair.detectable for pair in results.significance[results.measure].pairs)
    return ordered[len(ordered) // 2]


def plot(results: Results) -> None:
    """Dots with intervals and the switch between corrections."""
    compared = bool(result_tables.letters_of(results))
    if compared:
        switch(
            "Correction over all pairs",
            [str(known) for known in CORRECTIONS],
            name="correction",
            keep=True,
            shown=lambda name: CORRECTIONS[Correction(name)],
        )
    st.plotly_chart(
        mean_figure(results), config=PLOT, key="means", alt=f"{results.measure} of each system with its 95 % interval"
    )
    letters = "Systems that share a letter cannot be told apart; " if compared else ""
    how = f"{letters}each bar is a 95 % interval of one mean alone." if compared else "Each bar is a 95 % interval."
    explained(f"{how} {plain(lines_said(results))}", result_tables.everything(results), "benchmark results")


def costs(results: Results) -> None:
    """What each system takes, and where that was measured."""
    if not results.rows:
        return
    st.subheader("What it costs", anchor=False)
    st.dataframe(
        result_tables.cost(results),
        hide_index=True,
        column_config=_cost_columns(),
        width="stretch",
        placeholder=UNKNOWN,
    )
    st.caption(" ".join(machines(results)))


def machines(results: Results) -> list[str]:
    """Sentences on where latency was measured, in Markdown."""
    probed = [one for row in results.rows if (one := result_tables.latency(row)) is not None]
    if not probed:
        ranked = ran_on.machines_said((line for row in results.rows for line in row.machines), "Ranked on")
        unmeasured = "Latency was not measured: the plan has no latency probe, or it has not come that far."
        return [unmeasured, *([ranked] if ranked else [])]
    queries = counted(max(one.n for one in probed), "query", "queries")
    depth = max(one.depth for one in probed)
    said = [f"Latency: one query at a time, warm, answer cache off, {queries} at depth {depth:,}."]
    disturbed = sum(one.disturbed for one in probed)
    if disturbed:
        said.append(f"{counted(disturbed, 'measurement')} left out because other work came between.")
    return [*said, *(f"Machine: {plain(machine)}." for machine in told_apart([one.machine for one in probed]))]


def _quality_columns(results: Results) -> dict[str, object]:
    right = (*results.plan.measures, "Top 10 judged", f"{results.measure} bounds")
    text = st.column_config.TextColumn
    return {
        "System": text(pinned=True, width=190),
        "Group": text(help="Systems that share a letter cannot be told apart."),
        **{name: text(alignment="right") for name in right[: len(results.plan.measures)]},
        "Top 10 judged": text(alignment="right", help="Share of the first ten documents that have a judgment."),
        right[-1]: text(
            alignment="right",
            help="The mean if every unjudged document were irrelevant, and if all were as favourable as they can be.",
        ),
        "Queries": st.column_config.NumberColumn(format="localized", help="Judged queries that the means are over."),
        "Failed": st.column_config.NumberColumn(format="localized", help="Judged queries without a ranking; count 0."),
    }


def _cost_columns() -> dict[str, object]:
    number = st.column_config.NumberColumn
    return {
        "System": st.column_config.TextColumn(pinned=True, width=190),
        "p50 ms": number(format="localized", help="Median milliseconds per query by the latency probe."),
        "p95 ms": number(format="localized", help="95th percentile of the same queries."),
        "Memory MB": number(format="localized", help="Resident memory of all models of the system."),
        "Calls": number(format="localized", help="Model calls per query, as if the system ran alone."),
        "Rounds": number(format="localized", help="Requests per query that had to wait for one another."),
        "Prompt tokens": number(format="localized", help="Per query, as if the system ran alone."),
        "Generated tokens": number(format="localized", help="Per query."),
        "Tokens cut": number(format="localized", help="Tokens per query of documents that the model did not see."),
        ran_on.COLUMN: ran_on.column(),
        "Repairs": number(format="localized", help="Malformed answers that were mended, over all queries."),
    }
