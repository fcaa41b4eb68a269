"""Queues of the backends: names, partitions, arguments. Pure.

Each context has a queue per partition. A partition has the deliveries to some destinations, by a hash, so
those to one destination stay in one queue. Partition 0 has the context's own queue, which is the only one
without partitions; thus nothing is left behind in it when their number changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final

#: Beginning of the names of all backends' queues.
BACKEND_QUEUES: Final = "backend."
#: Deliveries of a backend's task after which RabbitMQ drops it.
DELIVERY_LIMIT: Final = 5
#: Milliseconds after which RabbitMQ deletes a further partition's queue that no process consumes any more.
#: Its tasks are hints: the sweep has enqueued their deliveries elsewhere within a minute.
EXPIRES: Final = 3_600_000
_FURTHER: Final = re.compile(r"(?P<first>backend\.[^.]+)\.[1-9][0-9]*")


def backend_queue(context: str, partition: int = 0) -> str:
    """Name of the queue of a partition of a context."""
    return f"backend.{context}.{partition}" if partition else f"backend.{context}"


def backend_queues(partitions: Mapping[str, int]) -> Iterator[str]:
    """Names of the queues of all backends, by the number of partitions of each context."""
    for context, count in partitions.items():
        yield from (backend_queue(context, partition) for partition in range(count))


def has_one_active_consumer(queue: str) -> bool:
    """Whether a queue is a backend's, of whose consumers one is active and the others stand by."""
    return queue.startswith(BACKEND_QUEUES)


def first_partition(queue: str) -> str:
    """Name of the queue of the first partition of a backend's queue; other queues have one partition."""
    found = _FURTHER.fullmatch(queue)
    return found["first"] if found else queue


def partition_of(destination: str, partitions: int) -> int:
    """Partition that has the deliveries to a destination: the same one in each process, for good."""
    digest = blake2b(destination.encode(), digest_size=8).digest()
    return int.from_bytes(digest) % partitions


def by_partition(destinations: Mapping[int, str], partitions: int) -> Mapping[int, Sequence[int]]:
    """Deliveries by the partition of their destination, each partition's in the given order."""
    found: dict[int, list[int]] = {}
    for delivery_id, destination in destinations.items():
        found.setdefault(partition_of(destination, partitions), []).append(delivery_id)
    return found


def backend_queue_arguments(partitions: Mapping[str, int]) -> dict[str, dict[str, Any]]:
    """The arguments of the backends' queues beside :func:`expiry`, by queue name."""
    return {
        queue: {
            "x-single-active-consumer": True,
            "x-queue-type": "quorum",
            "x-delivery-limit": DELIVERY_LIMIT,
        }
        for queue in backend_queues(partitions)
    }


def expiry(queue: str) -> dict[str, int]:
    """The argument that deletes a queue which isn't used any more; none but for further partitions."""
    return {} if first_partition(queue) == queue else {"x-expires": EXPIRES}
