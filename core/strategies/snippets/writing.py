"""Which writer puts which strategy into code; a strategy without one goes through the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from textwrap import fill
from types import MappingProxyType

from core.domain.systems import System
from core.strategies.base import find
from core.strategies.snippets import combining, embedding, language_models, lexical, pairwise, scoring
from core.strategies.snippets.command_line import by_command_line
from core.strategies.snippets.script import MAIN, NotInFewLinesError, Script, Snippet

WIDTH = 110
Writer = Callable[[Script, System, str], None]
WRITERS: Mapping[str, Writer] = MappingProxyType(
    {
        "first-stage": lexical.first_stage,
        "bm25": lexical.bm25,
        "bi-encoder": embedding.bi_encoder,
        "maxsim": embedding.maxsim,
        "cross-encoder": scoring.cross_encoder,
        "endpoint-rerank": scoring.endpoint,
        "yes-no": language_models.yes_no,
        "query-likelihood": language_models.query_likelihood,
        "prp-all-pair": pairwise.all_pair,
        "prp-heapsort": pairwise.heapsort,
        "rrf": combining.rrf,
        "cascade": combining.cascade,
    }
)


def snippet(
    system: System, *, language: str = "en", places: Mapping[str, str] = MappingProxyType({})
) -> Snippet:  # fmt: skip
    """The system as a module. ``language``: of the texts. ``places``: model id to a local folder to load instead.

    What no writer can put into a few lines calls Runoff's command line; ``standalone`` is then False.
    """
    script = Script(language=language, places=places, write=_write)
    try:
        _write(script, system, MAIN)
    except NotInFewLinesError as error:
        return by_command_line(system, str(error))
    packages = tuple(sorted(script.packages))
    about = [f"{find(system.strategy).title}: {system.spec}, as measured by Runoff."]
    if packages:
        about.append(f"Needs: pip install {' '.join(packages)}")
    about += [fill(note, WIDTH, break_long_words=False) for note in script.notes]
    return Snippet(
        text=script.text("\n\n".join(about) + ("\n" if len(about) > 1 else "")),
        packages=packages,
        notes=tuple(script.notes),
    )


def _write(script: Script, system: System, name: str) -> None:
    writer = WRITERS.get(system.strategy)
    if writer is None:
        raise NotInFewLinesError(f"{find(system.strategy).title} takes more than a few lines.")
    writer(script, system, name)
