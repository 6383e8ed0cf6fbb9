"""Settings of Streamlit that measured facts depend on, as a server started here reads them."""

import subprocess
import sys

from core.settings import PROJECT

ASK = """
from streamlit import config
config.get_config_options(force_reparse=True)
for name in {names!r}:
    print(config.get_option(name))
"""


def options(*names: str) -> list[str]:
    code = ASK.format(names=names)
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    return done.stdout.split("\n")[: len(names)]


def test_no_garbage_collection_after_every_run() -> None:
    assert options("runner.postScriptGC") == ["False"]


def test_nothing_is_watched_sent_home_or_shown_of_a_traceback() -> None:
    names = ("server.fileWatcherType", "browser.gatherUsageStats", "client.showErrorDetails", "client.toolbarMode")
    assert options(*names) == ["none", "False", "none", "viewer"]
