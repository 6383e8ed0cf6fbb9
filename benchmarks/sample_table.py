"""The table of the sample collection: nDCG of the roster, where each system is the sole best, how often tops differ.

    python -m benchmarks.sample_table [--write README.md]

Ranks what is missing first (a few minutes on two cores for the small language model; nothing on a second run).
``--write`` puts the table between the markers of the file.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path

from core.bootstrap import App, start
from core.domain.jobs import JobKind
from core.measures.effectiveness import evaluate_orders
from core.measures.intervals import mean_interval

START, END = "<!-- sample-table -->", "<!-- /sample-table -->"
TOP = 5
Orders = Mapping[str, Mapping[str, Sequence[str]]]
Values = Mapping[str, Mapping[str, Mapping[str, float]]]


def rank(app: App) -> tuple[Orders, Values]:
    """Orders and measures of the line-up: system -> query -> order, system -> query -> measure -> value."""
    sample = app.collections.ensure_sample()
    hashes = app.candidates.for_collection(sample.fingerprint)
    lists = [app.candidates.load(hash) for hash in hashes.values()]
    systems = app.systems.lineup()
    job = app.jobs.rank(systems, lists, kind=JobKind.COMPARE, title="Sample table")
    while not (job := app.jobs.wait(job.id, timeout=5)).state.ended:
        sys.stderr.write(f"{job.done} of {job.total} rankings  {job.message}\n")
    names = {system.fingerprint: system.spec for system in systems}
    query_of = {hash: query for query, hash in hashes.items()}
    orders: dict[str, dict[str, Sequence[str]]] = {spec: {} for spec in names.values()}
    for ranking in app.store.rankings(list(query_of), list(names)):
        orders[names[ranking.system]][query_of[ranking.candidates]] = ranking.order
    qrels = app.collections.reader(sample.fingerprint).qrels()
    values = {spec: evaluate_orders(of, qrels, ("nDCG@5", "nDCG@10")) for spec, of in orders.items()}
    return orders, values


def sole_best(values: Values) -> dict[str, list[str]]:
    """System to the queries on which its nDCG@5 is higher than that of every other system."""
    found: dict[str, list[str]] = {spec: [] for spec in values}
    for query in next(iter(values.values())):
        ranked = sorted(values, key=lambda spec: -values[spec][query]["nDCG@5"])
        if values[ranked[0]][query]["nDCG@5"] > values[ranked[1]][query]["nDCG@5"]:
            found[ranked[0]].append(query)
    return found


def table(orders: Orders, values: Values) -> str:
    """Markdown."""
    roster = [spec for spec in orders if spec != "first-stage"]
    best = sole_best({spec: values[spec] for spec in roster})
    queries = len(values[roster[0]])
    lines = ["| system | nDCG@5 (95 % interval) | nDCG@10 | sole best on |", "|---|---|---|---|"]
    for spec in orders:
        five = mean_interval([of["nDCG@5"] for of in values[spec].values()])
        ten = mean_interval([of["nDCG@10"] for of in values[spec].values()])
        alone = f"{len(best[spec])} of {queries} queries" if spec in best else "the line to beat"
        lines.append(f"| `{spec}` | {five.mean:.3f} ({five.low:.3f} to {five.high:.3f}) | {ten.mean:.3f} | {alone} |")
    shares = {
        (a, b): sum(tuple(orders[a][q][:TOP]) != tuple(orders[b][q][:TOP]) for q in orders[a]) / queries
        for a, b in combinations(roster, 2)
    }
    (a, b), least = min(shares.items(), key=lambda item: item[1])
    lines += ["", f"Every two systems differ in their top five on {least:.0%} of the queries or more (`{a}`, `{b}`)."]
    return "\n".join(lines)


def main() -> None:
    """Print, or write between the markers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    app = start()
    try:
        text = table(*rank(app))
    finally:
        app.close()
    sys.stdout.write(text + "\n")
    if options.write:
        before, rest = options.write.read_text("utf-8").split(START)
        options.write.write_text(f"{before}{START}\n{text}\n{END}{rest.split(END)[1]}", "utf-8")


if __name__ == "__main__":
    main()
