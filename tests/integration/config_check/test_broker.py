"""The check-up of RabbitMQ, on a real one. Nothing may be there afterwards that wasn't before."""

from __future__ import annotations

from collections.abc import Iterator

import pika
import pytest

from fmn.config_check import broker as under_test
from fmn.infra.broker import queue_declarations
from fmn.settings import BrokerSettings
from fmn.settings.check_results import CheckResult, Level
from tests.servers.ports import free_port
from tests.servers.rabbitmq import RabbitMQ

VHOST = "checked"


@pytest.fixture(scope="module")
def virtual_host(rabbitmq: RabbitMQ) -> Iterator[str]:
    """A virtual host with a user of its own, who may do everything there."""
    rabbitmq.add_vhost(VHOST)
    rabbitmq.add_user("fmn", "right")
    rabbitmq.set_permissions("fmn", vhost=VHOST)
    yield f"amqp://fmn:right@127.0.0.1:{rabbitmq.port}/{VHOST}"
    rabbitmq.delete_user("fmn")
    rabbitmq.delete_vhost(VHOST)


@pytest.fixture
def url(virtual_host: str) -> Iterator[str]:
    """The same, with no queue in it."""
    yield virtual_host
    with pika.BlockingConnection(pika.URLParameters(virtual_host)) as connection:
        for name in queue_declarations(BrokerSettings(url=virtual_host), {"email": 1}):
            connection.channel().queue_delete(name)


def found(url: str) -> list[CheckResult]:
    return list(under_test.check(BrokerSettings(url=url), {"email": 1}))


def problems(url: str) -> list[str]:
    return [result.sentence for result in found(url) if result.level is not Level.OK]


def declare(url: str, **other: dict[str, object]) -> None:
    """Declare our queues, ``other`` ones with these arguments instead of their own."""
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        for name, arguments in queue_declarations(BrokerSettings(url=url), {"email": 1}).items():
            connection.channel().queue_declare(
                name, durable=True, arguments=other.get(name.replace(".", "_"), arguments))


def test_a_fresh_virtual_host_is_fine_and_stays_empty(url: str, rabbitmq: RabbitMQ) -> None:
    (result,) = found(url)
    assert result.level is Level.OK
    assert result.sentence.endswith("none of our queues yet: the first process makes them")
    assert rabbitmq.list_queues(VHOST) == {}


def test_queues_as_our_processes_declare_them_are_fine(url: str) -> None:
    declare(url)
    (result,) = found(url)
    assert (result.level, result.sentence.partition("; ")[2]) == (Level.OK, "queues as they should be")


def test_a_queue_of_old_with_other_arguments_is_told_with_what_to_do(url: str) -> None:
    declare(url, backend_email={})
    (problem,) = problems(url)
    assert problem.startswith("the queue backend.email is there with other arguments (inequivalent arg 'x-")
    assert "rabbitmqctl delete_queue backend.email" in problem


def test_queues_that_we_may_not_have_are_told(url: str, rabbitmq: RabbitMQ) -> None:
    rabbitmq.set_permissions("fmn", configure="^match", vhost=VHOST)
    try:
        told = problems(url)
    finally:
        rabbitmq.set_permissions("fmn", vhost=VHOST)
    assert told
    assert all(problem.startswith("RabbitMQ doesn't let us have the queue ") for problem in told)
    assert not [problem for problem in told if "queue match" in problem]


def test_a_wrong_password_is_told_without_it(url: str) -> None:
    (problem,) = problems(url.replace("right", "wrong"))
    assert problem == "RabbitMQ can't be used: the user or the password is wrong. See fmn.broker.url"


@pytest.mark.parametrize("vhost", ["nowhere", "%2F"])
def test_a_wrong_virtual_host_is_told(url: str, vhost: str) -> None:
    (problem,) = problems(url.replace(VHOST, vhost))
    assert "no such virtual host, or the user has no permissions in it" in problem


def test_one_that_is_down_is_told() -> None:
    (problem,) = problems(f"amqp://fmn:right@127.0.0.1:{free_port()}/fmn")
    assert "Connection refused: does it run" in problem
    assert "right" not in problem.replace("port right", "")


@pytest.mark.parametrize("given", ["0", "600"])
def test_a_heartbeat_that_is_none_is_warned_of(url: str, given: str) -> None:
    (problem,) = problems(f"{url}?heartbeat={given}")
    assert problem.startswith(f"heartbeat={given} in fmn.broker.url")


def test_one_that_takes_nothing_is_told(url: str, rabbitmq: RabbitMQ) -> None:
    with rabbitmq.memory_alarm():
        (problem,) = problems(url)
    assert problem.startswith("RabbitMQ takes nothing")


def test_memory_needs_nobody() -> None:
    assert [result.level for result in found("memory://")] == [Level.OK]
