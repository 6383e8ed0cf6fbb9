"""Facts about a collection: language and fingerprints, who judged how much and how alike, its candidate sets."""

from __future__ import annotations

import math

import streamlit as st

from core.bootstrap import App
from core.datasets.languages.names import language_name
from core.domain.collections import Collection
from core.ratings.agreement import Alpha
from pages._ui.escape import plain
from pages._ui.navigation import BENCHMARK
from pages._ui.wording import counted

PARTS = {"corpus": "corpus", "queries": "queries", "qrels": "judgments"}


def facts(app: App, collection: Collection) -> None:
    """Language and fingerprints."""
    summary = app.collections.summary(collection.fingerprint)
    st.caption(f"Language: {plain(language_name(summary.language))}. Fingerprint: {collection.fingerprint}")
    if summary.fingerprints:
        each = (f"{PARTS[part]} {found[:12]}" for part, found in summary.fingerprints.items())
        st.caption(f"Fingerprints of the parts: {', '.join(each)}.")


def judged(app: App, collection: Collection) -> None:
    """How much is judged, with which grades, by whom."""
    if not collection.judgments:
        st.info("Nothing is judged. Systems can be compared by votes, and by how far they agree.")
        return
    summary = app.collections.summary(collection.fingerprint)
    st.text(
        f"{summary.judged_documents:,} of {counted(collection.documents, 'document')} are judged for some query, "
        f"{summary.judged_queries:,} of {counted(collection.queries, 'query', 'queries')} have judgments."
    )
    st.caption("Grade 0 is judged irrelevant; a document without a grade is not judged, which is something else.")
    total = sum(summary.grades.values())
    st.dataframe(
        {
            "Grade": list(summary.grades),
            "Judgments": list(summary.grades.values()),
            "Share": [count / total for count in summary.grades.values()],
        },
        hide_index=True,
        column_config={
            "Judgments": st.column_config.NumberColumn(format="localized"),
            "Share": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1),
        },
    )
    if summary.assessors:
        st.dataframe(
            {"Assessor": list(summary.assessors), "Judgments": list(summary.assessors.values())}, hide_index=True
        )
    if summary.agreement is not None:
        st.text(agreement_in_words(summary.agreement))
        st.caption("Where assessors differ, the median grade counts, the lower of two middle ones.")


def agreement_in_words(alpha: Alpha) -> str:
    """One sentence with the interval."""
    if not alpha.items:
        return "No document was judged by two assessors for one query, so their agreement is not known."
    if math.isnan(alpha.value):
        shared = counted(alpha.items, "shared judgment")
        return f"All grades of {shared} are the same, so agreement beyond chance is not known."
    limits = "" if math.isnan(alpha.low) else f" (95 % interval {alpha.low:.2f} to {alpha.high:.2f})"
    return (
        f"Agreement of assessors, Krippendorff's alpha for nominal grades: {alpha.value:.2f}{limits}, over "
        f"{counted(alpha.items, 'pair')} of query and document that at least two judged. 1 is perfect, 0 is chance."
    )


def candidate_sets(app: App, collection: Collection) -> None:
    """Every frozen set with its recall ceiling."""
    rows = app.collections.sets(collection.fingerprint, app.candidates.stages(collection.fingerprint))
    if not rows:
        st.info("There are no candidate sets yet. A benchmark makes one, and a run can be given with the import.")
        return
    st.dataframe(
        {
            "Candidate set": [row.stage.set_name for row in rows],
            "Queries": [row.lists for row in rows],
            "Longest list": [row.longest for row in rows],
            "Recall ceiling": [row.recall for row in rows],
        },
        hide_index=True,
        width="stretch",
        column_config={"Recall ceiling": st.column_config.NumberColumn(format="%.3f")},
    )
    st.caption("Recall ceiling: mean share of relevant documents among the candidates. No reranker passes it.")
    st.page_link(BENCHMARK, label="Measure systems on all queries", query_params={"collection": collection.name})
