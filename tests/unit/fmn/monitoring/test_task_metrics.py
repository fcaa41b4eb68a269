from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import dramatiq
import pytest
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import AgeLimit, Retries
from prometheus_client import REGISTRY

from fmn.monitoring import task_metrics
from fmn.monitoring.task_metrics import TaskMetricsMiddleware
from tests.factories.counters import counted
from tests.servers.waiting import wait_until

SOON = 20
QUEUE = "backend.owl"


@pytest.fixture
def broker() -> Iterator[StubBroker]:
    made = StubBroker(middleware=[
        AgeLimit(), Retries(max_retries=1, min_backoff=1, max_backoff=2), TaskMetricsMiddleware()])
    made.emit_after("process_boot")
    yield made
    made.close()


@pytest.fixture
def work(broker: StubBroker) -> Iterator[Callable[[], None]]:
    """Starts a worker once the actors are there."""
    worker = dramatiq.Worker(broker, worker_threads=2, worker_timeout=10)
    yield worker.start
    worker.stop()


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def since_last_round() -> float:
    return time.time() - value("fmn_loop_timestamp_seconds", loop="tasks")


def test_tasks_are_counted_by_how_they_end(broker: StubBroker, work: Callable[[], None]) -> None:
    def fly(*, where: str) -> None:
        if where == "nowhere":
            raise ConnectionError

    # Given an owl that arrives, one that doesn't, and one that was sent too long ago
    owl = dramatiq.actor(actor_name="owl", queue_name=QUEUE, broker=broker)(fly)
    owl.send(where="home")
    owl.send(where="nowhere")
    long_ago = owl.message_with_options(kwargs={"where": "home"}, max_age=1).copy(message_timestamp=1)
    broker.enqueue(long_ago)
    # When a worker takes them
    work()
    wait_until(lambda: counted("fmn_tasks", actor="owl", outcome="failed") == 2, SOON, "it isn't retried")
    wait_until(lambda: counted("fmn_tasks", actor="owl", outcome="skipped") == 1, SOON, "it isn't skipped")
    # Then
    assert counted("fmn_tasks", actor="owl", outcome="done") == 1
    assert counted("fmn_tasks_retried", actor="owl") == 1
    # Of the two that RabbitMQ sets aside, one was given up
    wait_until(lambda: counted("fmn_tasks_given_up", actor="owl") == 1, SOON, "it isn't given up")
    assert value("fmn_task_seconds_count", actor="owl") >= 3
    assert value("fmn_tasks_running", queue=QUEUE) == 0


def test_who_is_at_a_task_is_the_active_one(broker: StubBroker, work: Callable[[], None]) -> None:
    flying, home = threading.Event(), threading.Event()

    def fly() -> None:
        flying.set()
        home.wait(SOON)

    owl = dramatiq.actor(actor_name="slow_owl", queue_name="backend.slow", broker=broker)(fly)
    # Given a process without any task yet, then it isn't
    work()
    wait_until(lambda: since_last_round() < SOON, SOON, "it doesn't begin")
    assert REGISTRY.get_sample_value(
        "fmn_queue_served_timestamp_seconds", {"queue": "backend.slow"}) == 0
    # When it has one, then it is
    owl.send()
    assert flying.wait(SOON)
    assert time.time() - value("fmn_queue_served_timestamp_seconds", queue="backend.slow") < SOON
    assert value("fmn_tasks_running", queue="backend.slow") == 1
    home.set()
    wait_until(lambda: value("fmn_tasks_running", queue="backend.slow") == 0, SOON, "it doesn't end")


def test_a_worker_whose_task_does_not_end_does_not_go_round(
    broker: StubBroker, work: Callable[[], None], monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(task_metrics, "TIME_LIMIT", 50)
    monkeypatch.setattr(task_metrics, "GRACE", 0.0)
    monkeypatch.setattr(task_metrics, "WATCH_SECONDS", 0.01)
    home = threading.Event()
    owl = dramatiq.actor(actor_name="lost_owl", queue_name=QUEUE, broker=broker)(lambda: home.wait(SOON))
    work()
    wait_until(lambda: since_last_round() < 0.2, SOON, "it doesn't go round")
    # When a task takes longer than it may
    owl.send()
    # Then the worker goes round no more, until that is over
    wait_until(lambda: since_last_round() > 0.5, SOON, "it goes round")
    home.set()
    wait_until(lambda: since_last_round() < 0.2, SOON, "it stays stuck")
