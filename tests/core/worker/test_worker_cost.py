"""Cost: logical figures as if alone, executed figures that add up."""

from __future__ import annotations

import math

from core.domain.rankings import LogicalCost
from core.domain.work import Ranked
from tests.support.engine_fakes import make_bench, make_list, make_system, rank_work


def ranked(events):
    return [e.ranking for e in events if isinstance(e, Ranked)]


def test_logical_cost_by_hand():
    texts = ["5", "6 w", "7 w w w w w"]  # 1, 2 and 6 tokens; four are kept
    (ranking,) = ranked(make_bench().run(rank_work("j", [make_system("pointwise")], [make_list(texts)])))
    assert ranking.logical == LogicalCost(calls=3, prompt_tokens=1 + 2 + 4, generated_tokens=0, tokens_cut=2, depth=1)
    assert (ranking.executed.calls, ranking.executed.cache_hits) == (3, 0)


def test_logical_cost_does_not_change_when_others_ask_the_same_and_executed_is_shared():
    texts = ["1", "2", "3 SLOW"]
    lists = [make_list(texts, prefix="a"), make_list(texts, prefix="b")]
    first, second = ranked(make_bench().run(rank_work("j", [make_system("pointwise")], lists)))
    assert first.logical == second.logical
    assert (first.executed.calls, second.executed.calls) == (3, 0)
    assert (first.executed.cache_hits, second.executed.cache_hits) == (0, 3)
    assert math.isclose(first.executed.seconds, second.executed.seconds)
    assert first.executed.seconds + second.executed.seconds >= 0.05


def test_seconds_of_a_batch_are_divided_by_tokens():
    heavy = make_list(["1 w w w SLOW", "2 w w w"], query="heavy")  # four tokens each
    light = make_list(["3", "4"], query="light")  # one token each
    events = make_bench().run(rank_work("j", [make_system("pointwise")], [heavy, light]))
    seconds = {r.candidates: r.executed.seconds for r in ranked(events)}
    assert math.isclose(seconds[heavy.hash], 4 * seconds[light.hash], rel_tol=1e-9)


def test_a_member_shared_by_two_takers_costs_each_of_them_half():
    member = make_system("pointwise")
    fused = make_system("fusion", members=[member, make_system("insertion")])
    events = make_bench().run(rank_work("j", [member, fused], [make_list(["1 SLOW", "2"])]))
    by_system = {r.system: r for r in ranked(events)}
    alone, both = by_system[member.fingerprint], by_system[fused.fingerprint]
    assert both.executed.seconds > alone.executed.seconds >= 0.025
    assert alone.executed.calls + both.executed.calls == 3  # two scores and one comparison were run
    assert both.logical.calls == 3
    assert both.executed.calls + both.executed.cache_hits == 3


def test_a_fusion_is_as_deep_as_its_deepest_member():
    members = [make_system("insertion"), make_system("pointwise")]
    fused = make_system("fusion", members=members)
    candidates = make_list(["1", "2", "3", "4"])
    runs = {r.system: r for r in ranked(make_bench().run(rank_work("j", [*members, fused], [candidates])))}
    assert [runs[s.fingerprint].logical.depth for s in (*members, fused)] == [6, 1, 6]
    assert runs[fused.fingerprint].logical.calls == 10
