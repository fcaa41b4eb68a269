"""Dramatiq's workers for :mod:`benchmarks.baselines`: a task that only leaves a byte, to be counted."""

from __future__ import annotations

import os
from functools import cache

import dramatiq
from dramatiq.brokers.rabbitmq import RabbitmqBroker


@cache
def actor() -> dramatiq.Actor[[], None]:
    """The task, in the queue of the broker that the environment names."""
    broker = RabbitmqBroker(url=os.environ["BENCHMARK_BROKER"])
    dramatiq.set_broker(broker)
    file = os.open(os.environ["BENCHMARK_FILE"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    @dramatiq.actor(broker=broker, queue_name="empty-dramatiq")
    def leave_a_byte() -> None:
        os.write(file, b".")

    return leave_a_byte


if "BENCHMARK_BROKER" in os.environ:
    actor()
