from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from fmn.infra.queue_handover import surplus


def test_a_process_alone_keeps_everything() -> None:
    assert surplus({"a": 1.0, "b": 2.0, "c": 3.0}, {"a": 1, "b": 1, "c": 1}) == []


def test_hands_over_the_latest_beyond_its_share() -> None:
    assert surplus({"a": 1.0, "b": 3.0, "c": 2.0}, {"a": 2, "b": 2, "c": 2, "d": 2}) == ["b"]
    assert surplus({"a": 1.0, "b": 3.0}, {"a": 2, "b": 2, "c": 2, "d": 2}) == []


def test_keeps_what_nobody_else_would_take() -> None:
    # Given a process of another number of partitions, which knows of the first one only
    assert surplus({"a": 1.0, "b": 2.0, "c": 3.0}, {"a": 2, "b": 1, "c": 1}) == []
    # and one that consumes two of the three
    assert surplus({"a": 1.0, "b": 2.0, "c": 3.0}, {"a": 2, "b": 2, "c": 1}) == ["b"]


@given(st.integers(1, 5).flatmap(lambda processes: st.tuples(
    st.just(processes), st.lists(st.permutations(range(processes)), min_size=1, max_size=8))))
def test_in_the_end_nobody_has_more_than_their_share(drawn: tuple[int, list[list[int]]]) -> None:
    # Given queues, the first of whose consumers is active, the others in the order in which they wait
    processes, waiting = drawn
    counts: Mapping[str, int] = {str(queue): processes for queue in range(len(waiting))}
    became = dict.fromkeys(counts, 0.0)
    share = -(-len(waiting) // processes)
    # When each process looks at what it has, again and again
    for turn in range(1, 100):
        mine = {queue: became[queue] for queue in counts if waiting[int(queue)][0] == turn % processes}
        for queue in surplus(mine, counts):
            waiting[int(queue)] = waiting[int(queue)][1:] + waiting[int(queue)][:1]
            became[queue] = float(turn)
    # Then
    assert max(Counter(order[0] for order in waiting).values()) <= share
