from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from fmn.infra.backend_queues import (
    EXPIRES,
    backend_queue,
    backend_queue_arguments,
    backend_queues,
    by_partition,
    expiry,
    first_partition,
    partition_of,
)

addresses = st.emails() | st.text(min_size=1, max_size=40)


def test_one_partition_has_the_queue_that_there_was_before() -> None:
    assert [*backend_queues({"email": 1, "irc": 3})] == [
        "backend.email", "backend.irc", "backend.irc.1", "backend.irc.2"]


def test_each_queue_has_one_active_consumer_and_gives_tasks_up() -> None:
    arguments = backend_queue_arguments({"email": 2, "irc": 1})
    assert arguments.keys() == {"backend.email", "backend.email.1", "backend.irc"}
    assert arguments[backend_queue("irc")] == arguments["backend.email.1"] == {
        "x-single-active-consumer": True, "x-queue-type": "quorum", "x-delivery-limit": 5}


def test_only_further_partitions_end_when_nobody_uses_them() -> None:
    assert first_partition("backend.email.11") == "backend.email"
    assert expiry("backend.email.11") == {"x-expires": EXPIRES}
    for queue in ("backend.email", "match", "digests"):
        assert first_partition(queue) == queue
        assert expiry(queue) == {}


def test_a_destination_has_the_partition_that_it_always_had() -> None:
    # Given what processes of other versions and hosts have to agree with
    assert [partition_of(name, 4) for name in ("alice@example.org", "bob@example.org", "alice", "ünï")] == [
        0, 2, 1, 3]


def test_destinations_are_spread_evenly() -> None:
    found = by_partition({number: f"person{number}@example.org" for number in range(10_000)}, 4)
    assert all(2_300 < len(found[partition]) < 2_700 for partition in range(4))


@given(st.dictionaries(st.integers(1, 1_000), addresses), st.integers(1, 16))
def test_all_to_one_destination_stays_in_one_partition_in_order(
    destinations: Mapping[int, str], partitions: int,
) -> None:
    found = by_partition(destinations, partitions)
    given_order = list(destinations)
    assert sorted(each for ids in found.values() for each in ids) == sorted(destinations)
    for partition, ids in found.items():
        assert 0 <= partition < partitions
        assert ids == sorted(ids, key=given_order.index)
        assert all(partition_of(destinations[each], partitions) == partition for each in ids)
