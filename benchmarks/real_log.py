"""What the statistics say of a real vote log: ``python -m benchmarks.real_log FILE [--write docs/real-log.md]``.

Columns of a CSV as for ``python -m core leaderboard --votes``; the default fits the log that the document is about.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import evalica
import numpy as np

from core.datasets.votes.contents import read_votes
from core.domain.voting import VoterKind
from core.ratings.board import Board, rate
from core.ratings.caps import capped_weights
from core.ratings.detectors.evidence import Evidence, unmeasured
from core.ratings.detectors.inspection import inspect
from core.ratings.fragility import fragility
from core.ratings.influence import Influence, voter_influence
from core.ratings.intervals import ClusterBy, rating_intervals
from core.ratings.outcomes import Outcomes
from core.ratings.rank_sets import RankSets, rank_sets
from core.ratings.score_rows import Fit
from core.services.board.file_board import file_outcomes

COLUMNS = "a=left,b=right,winner=winner,voter=worker,query=prompt"
SHOWN = 15


def main(arguments: Sequence[str] | None = None) -> int:
    """Print, and with --write keep, the document."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.real_log", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--columns", default=COLUMNS)
    parser.add_argument("--write", type=Path, help="also write this Markdown file")
    options = parser.parse_args(arguments)
    file = read_votes(options.file, columns=options.columns)
    source = next(source for source in file.boards if source[1] is VoterKind.PERSON)
    text = document(options.file.name, file_outcomes(file, source))
    sys.stdout.write(text)
    if options.write:
        options.write.write_text(text, "utf-8")
    return 0


def document(name: str, outcomes: Outcomes) -> str:
    """All sections. ValueError where the log is not identifiable."""
    board = rate(outcomes)
    if board.fit is None:
        raise ValueError(f"{name} is not identifiable: {board.no_ratings}")
    queries = len(np.unique(outcomes.query))
    return "\n\n".join(
        [
            f"# A real vote log: {name}",
            f"`python -m benchmarks.real_log PATH/{name}`: {len(outcomes):,} votes of "
            f"{len(np.unique(outcomes.voter))} voters on {len(outcomes.systems)} systems and {queries} queries.",
            "## The board",
            _board(board, rank_sets(outcomes, board.fit)),
            f"Ratings differ from evalica's by at most {_against_evalica(outcomes, board):.1e} points.",
            "## Clustered against plain intervals",
            _widths(outcomes, board.fit),
            "## The heaviest voters",
            _voters(outcomes, board, voter_influence(outcomes, board.fit, most=len(outcomes.voters))),
            "## Flags",
            _flags(outcomes),
            "",
        ]
    )


def _board(board: Board, ranks: RankSets) -> str:
    order = np.argsort(-board.ratings)
    lines = ["| system | rating | 95 % interval | ranks |", "|---|---:|---|---|"]
    for i in order[:SHOWN]:
        interval = f"{board.low[i]:.0f} to {board.high[i]:.0f}"
        lines.append(
            f"| {board.pairs.systems[i]} | {board.ratings[i]:.0f} | {interval} | "
            f"{ranks.lowest[i]} to {ranks.highest[i]} |"
        )
    lengths = ranks.highest - ranks.lowest + 1
    apart = int(ranks.separated.sum())
    pairs = len(order) * (len(order) - 1) // 2
    lines += [
        "",
        f"The best {SHOWN} of {len(order)}. Rank sets hold together at 95 %; their mean length is "
        f"{lengths.mean():.1f}, and {apart} of {pairs:,} pairs are told apart.",
    ]
    return "\n".join(lines)


def _against_evalica(outcomes: Outcomes, board: Board) -> float:
    words = {1.0: evalica.Winner.X, 0.5: evalica.Winner.Draw, 0.0: evalica.Winner.Y}
    names = board.pairs.systems
    theirs = evalica.bradley_terry(
        [names[i] for i in outcomes.left],
        [names[i] for i in outcomes.right],
        [words[float(share)] for share in outcomes.share],
        tolerance=1e-12,
        limit=100_000,
    ).scores
    points = 400.0 * np.log10(np.array([float(theirs[name]) for name in names]))
    return float(np.abs(points - points.mean() + 1000.0 - board.ratings).max())


def _widths(outcomes: Outcomes, fit: Fit) -> str:
    lines = ["| clustered by | mean width (points) | against plain |", "|---|---:|---:|"]
    plain = 0.0
    for by in (ClusterBy.VOTE, ClusterBy.VOTER, ClusterBy.QUERY, ClusterBy.BOTH):
        found = rating_intervals(outcomes, fit, by=by)
        width = float(np.mean(found.high - found.low))
        plain = plain or width
        name = "nothing (plain)" if by is ClusterBy.VOTE else str(by)
        lines.append(f"| {name} | {width:.0f} | {width / plain:.2f} |")
    return "\n".join(lines)


def _voters(outcomes: Outcomes, board: Board, found: Influence) -> str:
    votes = Counter(outcomes.voters[i] for i in outcomes.voter)
    heaviest = [name for name, _ in votes.most_common(8)]
    pulls = {pull.name: pull for pull in found.pulls}
    lines = ["| voter | votes | share | largest change of a rating without it |", "|---|---:|---:|---:|"]
    for name in heaviest:
        pull = pulls[name]
        lines.append(f"| {name} | {pull.votes:,} | {pull.share:.1%} | {pull.largest:.0f} points |")
    capped = capped_weights(outcomes)
    again = rate(outcomes.weighted(capped.weights))
    moved = np.abs(again.ratings - board.ratings)
    model = board.fit
    fewest = "" if model is None else _fewest(outcomes, model)
    lines += [
        "",
        f"Without any one voter {'first place changes' if found.deciding else 'first place stays'}. {fewest}"
        f"Capped at {capped.share:.1%} a voter, {len(capped.capped)} voters lose weight and ratings move by "
        f"{moved.mean():.1f} points in the mean, {moved.max():.0f} at most.",
    ]
    return "\n".join(lines)


def _fewest(outcomes: Outcomes, fit: Fit) -> str:
    found = fragility(outcomes, fit)
    if not found.at_most:
        return ""
    return (
        f"Removing {found.at_most} votes ({found.share:.1%}) would put {found.challenger} level with {found.leader} "
        "(an upper bound). "
    )


def _flags(outcomes: Outcomes) -> str:
    found = inspect(Evidence(outcomes=outcomes, seconds=unmeasured(outcomes)))
    lines = ["| kind | family | voters |", "|---|---|---:|"]
    for (kind, family), count in sorted(Counter((str(f.kind), str(f.family)) for f in found.flags).items()):
        lines.append(f"| {kind} | {family} | {count} |")
    total = len(found.flagged())
    lines += [
        "",
        f"{total} of {len(found.voters)} voters are flagged. The log has no checks and no reading times; a person "
        "would look at these before anything is left out.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
