"""Many people voting at once: each a websocket session with a cookie of its own, who reads, clicks, reads."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from dataclasses import dataclass, field

from benchmarks.streamlit_session import Session, key_of

COOKIE = "runoff_voter"
ARENA = "arena"
LABELS = ("A is better", "B is better", "Equally good", "Both bad")
UNDO = "undo-"
WAIT_SECONDS = 60.0


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What all voters saw. ``acknowledged``: battles whose vote the page said was taken. ``first_seconds``: from the
    connection to the first battle; ``click_ms``: from a click to the end of the script run that it started."""

    acknowledged: list[str] = field(default_factory=list)
    first_seconds: list[float] = field(default_factory=list)
    click_ms: list[float] = field(default_factory=list)
    frame_kb: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


async def vote(base: str, *, voters: int, votes: int, seconds: float, seed: int) -> Outcome:
    """``voters`` people, each ``votes`` votes or ``seconds`` seconds, thinking one to three seconds before each."""
    outcome = Outcome()
    people = (_person(base, outcome, votes, seconds, random.Random(seed + number)) for number in range(voters))
    ends = await asyncio.gather(*people, return_exceptions=True)
    outcome.errors += [f"{type(end).__name__}: {end}" for end in ends if isinstance(end, BaseException)]
    return outcome


async def _person(base: str, outcome: Outcome, votes: int, seconds: float, rng: random.Random) -> None:
    await asyncio.sleep(rng.uniform(0, 2))
    end = time.perf_counter() + seconds
    cookies = {COOKIE: uuid.uuid4().hex}
    async with Session(base=base, page=ARENA, query="link=vote", cookies=cookies) as tab:
        began = time.perf_counter()
        await _until_a_battle(tab)
        outcome.first_seconds.append(time.perf_counter() - began)
        for _ in range(votes):
            await asyncio.sleep(rng.uniform(1.05, 3))
            if time.perf_counter() > end:
                return
            await _click(tab, outcome, rng.choice(LABELS))


async def _click(tab: Session, outcome: Outcome, label: str) -> None:
    button = tab.button(label=label)
    if button is None:
        raise RuntimeError(f"There is no button {label!r}; the page says {tab.errors()!r}.")
    battle = key_of(button.id).rsplit("-", 1)[-1]
    began, received = time.perf_counter(), tab.bytes_received
    await tab.run(click=button)
    outcome.click_ms.append(1000 * (time.perf_counter() - began))
    outcome.frame_kb.append((tab.bytes_received - received) / 1000)
    outcome.errors += tab.errors() + [alert.body for alert in tab.elements("alert")]
    if tab.button(key=UNDO + battle) is not None:
        outcome.acknowledged.append(battle)
    else:
        outcome.errors.append(f"the vote on battle {battle} was not acknowledged")


async def _until_a_battle(tab: Session) -> None:
    deadline = time.perf_counter() + WAIT_SECONDS
    await tab.run()
    while tab.button(label=LABELS[0]) is None:
        if time.perf_counter() > deadline:
            raise RuntimeError(f"No battle came within {WAIT_SECONDS:.0f} s; the page says {tab.errors()!r}.")
        await asyncio.sleep(1)
        await tab.run()
