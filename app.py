"""Runoff in the browser: ``streamlit run app.py``."""

from __future__ import annotations

from pages._ui import guard
from pages._ui.errors import told
from pages._ui.shell import draw_shell

page = draw_shell()
guard.admit()
with told():
    page.run()
