"""A benchmark to take along: a bundle that anybody can replay, and its report alone."""

from __future__ import annotations

import io
import re

import streamlit as st

from core.bootstrap import App
from core.domain.benchmarks import BenchmarkPlan
from core.services.choosing.limits import Limits

NO_LIMITS = Limits()


def bundle_buttons(app: App, plan: BenchmarkPlan, limits: Limits = NO_LIMITS) -> None:
    """Both are made when they are asked for. ``limits``: those of the decision that the report answers."""

    def bundle() -> bytes:
        made = io.BytesIO()
        app.bundles.write(plan, made, limits)
        return made.getvalue()

    name = file_stem(plan.name)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Decision bundle",
            bundle,
            file_name=f"{name}.zip",
            mime="application/zip",
            icon=":material/folder_zip:",
            key="bundle",
            on_click="ignore",
            help="Configuration, fingerprints, runs, judgments, votes, cost and a report; anybody can check and "
            "recompute it with: python -m core replay BUNDLE",
        )
        st.download_button(
            "Report",
            lambda: app.bundles.report(plan, limits),
            file_name=f"{name}.html",
            mime="text/html",
            icon=":material/description:",
            key="report",
            on_click="ignore",
            help="One HTML page with the answer and everything it rests on.",
        )


def file_stem(name: str) -> str:
    """The name of a plan as the beginning of a file's name."""
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower() or "decision"
