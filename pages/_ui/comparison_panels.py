"""What the Playground says of a comparison below the lists: measures, cost, agreement, and all ranks in a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from core.domain.rankings import ExecutedCost
from core.services.playground import Agreement, Column, Comparison
from pages._ui import ran_on
from pages._ui.charts import bump_chart, square_map
from pages._ui.escape import code, shorten
from pages._ui.theme import PLOT, ink
from pages._ui.urlstate import switch
from pages._ui.wording import UNKNOWN, Table, counted, title_of

AGREEMENTS: Mapping[str, tuple[str, Callable[[Agreement], float]]] = {
    "tau": ("Kendall tau", lambda pair: pair.tau),
    "rbo": ("Rank-biased overlap", lambda pair: pair.rbo),
    "top5": ("Overlap at 5", lambda pair: pair.overlap_5),
    "top10": ("Overlap at 10", lambda pair: pair.overlap_10),
}
RELEVANT, NOT_RELEVANT = "relevant", "not relevant"
MOST_THOUGHT = 30_000  # characters of one ranking's reasoning that a page holds
MEASURE_NAMES = {"nDCG@10": "nDCG@10", "RR": "RR", "AP": "AP"}


def show_bump(comparison: Comparison) -> None:
    """Rank movement from the first stage through every system."""
    positions = {id: position for position, id in enumerate(comparison.candidates.ids)}
    orders: list[tuple[str, Sequence[int]]] = [("candidates", list(range(len(positions))))]
    orders += [
        (column.system.spec, [positions[id] for id in column.ranking.order])
        for column in comparison.columns
        if column.ranking
    ]
    titles = [title_of(document) for document in comparison.candidates.documents]
    keeps = [None, *(column.ranking.keep for column in comparison.columns if column.ranking)]
    figure = bump_chart(orders, titles, depth=min(10, len(titles)), keeps=keeps, ink=ink())
    st.plotly_chart(figure, config=PLOT, key="bump", alt="Rank of each document under each system")


def show_ranks(comparison: Comparison, *, grades: bool) -> None:
    """Every document with its rank under every system."""
    st.dataframe(rank_table(comparison, grades=grades), hide_index=True, width="stretch")


def rank_table(comparison: Comparison, *, grades: bool) -> Table:
    """Columns of the table of ranks."""
    documents = comparison.candidates.documents
    table: Table = {
        "Candidate": list(range(1, len(documents) + 1)),
        "Document": [title_of(document) for document in documents],
        "Id": [document.id for document in documents],
    }
    if grades and comparison.labels:
        table["Grade"] = [comparison.labels.get(document.id) for document in documents]
    for column in comparison.columns:
        if column.ranking:
            ranks = {id: rank for rank, id in enumerate(column.ranking.order, 1)}
            table[column.system.spec] = [ranks.get(document.id) for document in documents]
            keep = column.ranking.keep
            if keep is not None:
                judged = [RELEVANT if ranks[document.id] <= keep else NOT_RELEVANT for document in documents]
                table[f"{column.system.spec} judges"] = judged
    return table


def show_reasoning(columns: Sequence[Column]) -> None:
    """What the models thought, one closed panel per ranking; their words are plain text."""
    for column in columns:
        thoughts = column.ranking.reasoning if column.ranking else ()
        if not thoughts:
            continue
        with st.expander(f"Reasoning of {code(column.system.spec)}: {counted(len(thoughts), 'text')}"):
            left = MOST_THOUGHT
            for shown, text in enumerate(thoughts):
                if left <= 0:
                    st.caption(f"and {counted(len(thoughts) - shown, 'text')} more, in the trace of this ranking")
                    break
                st.text(shorten(text, left), width="stretch")
                left -= len(text)


def show_costs(comparison: Comparison, *, grades: bool) -> None:
    """Measures and cost per system. Cost is as if the system had run alone; the time is what it took here."""
    st.subheader("Quality and cost of each system on this query", anchor=False)
    table = cost_table(comparison.columns, comparison.first_stage_measures if grades else {}, grades=grades)
    st.dataframe(table, hide_index=True, column_config=_cost_columns(), width="stretch", placeholder=UNKNOWN)
    machines = [column.ranking.machine for column in comparison.columns if column.ranking]
    if said := ran_on.machines_said(machines):
        st.caption(said)
    repairs = [(c.system.spec, c.ranking.repairs) for c in comparison.columns if c.ranking and c.ranking.repairs]
    for spec, mended in repairs:
        st.text(f"{spec}: {len(mended)} repairs of malformed output. {' '.join(mended[:5])}")


def _cost_columns() -> dict[str, ColumnConfig]:
    number = st.column_config.NumberColumn
    return {
        **{name: number(format="%.3f") for name in ("nDCG@10", "AP")},
        "RR": number(format="%.3f", help="Reciprocal rank of the first relevant document; its mean is MRR."),
        "Calls": number(format="localized", help="Model calls, as if the system ran alone."),
        "Prompt": number(format="localized", help="Prompt tokens, as if the system ran alone."),
        "Generated": number(format="localized", help="Generated tokens."),
        "Cut": number(format="localized", help="Tokens of documents that the model did not see."),
        "Rounds": number(help="Requests that had to wait for one another."),
        "Seconds here": number(
            format="%.3f",
            help="Its share of this machine's time when the ranking was made. Answers already known cost none, so "
            "compare systems by calls and tokens, which are as if each had run alone.",
        ),
        "Answers": st.column_config.TextColumn(
            help="Of the calls: those that a model was run for here, and those whose answer was known already."
        ),
        ran_on.COLUMN: ran_on.column(),
    }


def cost_table(columns: Sequence[Column], first: Mapping[str, float], *, grades: bool) -> Table:
    """Columns of the table of measures and cost; the first line is the first stage, which costs no call."""
    ready = [column for column in columns if column.ranking]
    head = bool(first)
    table: Table = {"System": (["candidates as they come"] if head else []) + [c.system.spec for c in ready]}
    if grades:
        for measure, name in MEASURE_NAMES.items():
            if any(measure in column.measures for column in ready):
                table[name] = ([first.get(measure)] if head else []) + [c.measures.get(measure) for c in ready]
    free: list[object] = [0] if head else []
    costs = [column.ranking.logical for column in ready if column.ranking]
    table["Calls"] = free + [cost.calls for cost in costs]
    table["Prompt"] = free + [cost.prompt_tokens for cost in costs]
    table["Generated"] = free + [cost.generated_tokens for cost in costs]
    table["Cut"] = free + [cost.tokens_cut for cost in costs]
    table["Rounds"] = free + [cost.depth for cost in costs]
    unknown: list[object] = [None] if head else []
    made = [column.ranking for column in ready if column.ranking]
    table["Seconds here"] = unknown + [ranking.executed.seconds for ranking in made]
    table["Answers"] = unknown + [answers_said(ranking.executed) for ranking in made]
    table[ran_on.COLUMN] = unknown + ran_on.cells([(ranking.machine,) for ranking in made])
    return table


def answers_said(executed: ExecutedCost) -> str:
    """``3 calls run, 17 from the cache``."""
    run = f"{counted(executed.calls, 'call')} run"
    return f"{run}, {executed.cache_hits:,} from the cache" if executed.cache_hits else run


def show_agreement(comparison: Comparison) -> None:
    """How alike the rankings are, pair by pair."""
    if not comparison.agreements:
        return
    st.subheader("How far the systems agree", anchor=False)
    measure = switch("Measure of agreement", list(AGREEMENTS), name="agreement", shown=lambda m: AGREEMENTS[m][0])
    names = [column.system.spec for column in comparison.columns if column.ranking]
    title, value = AGREEMENTS[measure]
    found = {(pair.first, pair.second): value(pair) for pair in comparison.agreements}
    found |= {(second, first): number for (first, second), number in found.items()}
    values = [[found.get((row, column)) for column in names] for row in names]
    texts = [["" if number is None else f"{number:.2f}" for number in line] for line in values]
    low = -1.0 if measure == "tau" else 0.0
    hovers = [[f"{row} and {column}: {title} {found.get((row, column), 1):.3f}" for column in names] for row in names]
    figure = square_map(names, values, texts, low=low, high=1.0, hovers=hovers, ink=ink(), balanced=measure == "tau")
    st.plotly_chart(figure, config=PLOT, key="agreement_map", alt=f"{title} of every pair of systems")
    with st.expander("All four measures as a table"):
        st.dataframe(agreement_table(comparison.agreements), hide_index=True, width="stretch")


def agreement_table(pairs: Sequence[Agreement]) -> Table:
    """Columns of the table of agreements."""
    table: Table = {
        "First": [pair.first for pair in pairs],
        "Second": [pair.second for pair in pairs],
    }
    for title, value in AGREEMENTS.values():
        table[title] = [round(value(pair), 3) for pair in pairs]
    return table
