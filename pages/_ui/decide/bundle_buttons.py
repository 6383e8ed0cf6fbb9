"""The decision to take along: a bundle that anybody can replay, and its report alone."""

from __future__ import annotations

import io
import re

import streamlit as st

from core.bootstrap import App
from core.services.choosing.choice import Choice


def bundle_buttons(app: App, choice: Choice) -> None:
    """Both are made when they are asked for, with the limits that stand on the page."""

    def bundle() -> bytes:
        made = io.BytesIO()
        app.bundles.write(choice.plan, made, choice.limits)
        return made.getvalue()

    name = re.sub(r"[^A-Za-z0-9]+", "-", choice.plan.name).strip("-").lower() or "decision"
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
            lambda: app.bundles.report(choice.plan, choice.limits),
            file_name=f"{name}.html",
            mime="text/html",
            icon=":material/description:",
            key="report",
            on_click="ignore",
            help="One HTML page with this answer and everything it rests on.",
        )
