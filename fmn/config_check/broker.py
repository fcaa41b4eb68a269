"""Configuration check of RabbitMQ: login, permissions and queue arguments. It declares no queue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import pika
from pika.exceptions import AMQPError, ChannelClosedByBroker, ConnectionBlockedTimeout

from fmn.infra.broker import queue_declarations
from fmn.settings import BrokerSettings
from fmn.settings.check_results import CheckResults, error_text, failed, ok, warning

SUBJECT: Final = "broker"
#: Seconds for an answer.
TIMEOUT_SECONDS: Final = 5
#: Seconds that RabbitMQ may be blocked by an alarm until we call it one.
ALARMED: Final = 2
#: The oldest version that can replicate a queue with one active consumer.
OLDEST: Final = (3, 8)
#: Seconds of a heartbeat that leave a process that hangs its work for long.
LONG_HEARTBEAT: Final = 60
#: AMQP's codes for what we may not do, and for a queue that's there with other arguments.
_REFUSED: Final = 403
_OTHERWISE: Final = 406
#: No queue can be as long as that. RabbitMQ looks first at whether we may make it, and then refuses this.
_IMPOSSIBLE: Final = {"x-max-length": -1}


def check(settings: BrokerSettings, partitions: Mapping[str, int]) -> CheckResults:
    """Whether RabbitMQ accepts FMN, and has its queues with the right arguments."""
    if settings.url == "memory://":
        yield ok(SUBJECT, "in the memory of fmn up")
        return
    yield from _heartbeat(settings.url)
    try:
        with pika.BlockingConnection(_parameters(settings.url)) as connection:
            found = [*_connected(connection, settings, partitions)]
            # To nobody. RabbitMQ stops listening to who sends while it's out of memory or disk: then it
            # doesn't even hear us hang up.
            connection.channel().basic_publish("", "fmn.config.check", b"")
    except ConnectionBlockedTimeout:
        yield failed(
            SUBJECT, "RabbitMQ takes nothing, it has raised an alarm: free memory or disk on its host")
    except (AMQPError, OSError, ValueError) as error:
        yield failed(SUBJECT, f"RabbitMQ can't be used: {error_reason(error)} See fmn.broker.url")
    else:
        yield from found


def _parameters(url: str) -> pika.URLParameters:
    parameters = pika.URLParameters(url)
    parameters.socket_timeout = parameters.stack_timeout = TIMEOUT_SECONDS
    parameters.blocked_connection_timeout = ALARMED
    parameters.connection_attempts = 1
    return parameters


def _heartbeat(url: str) -> CheckResults:
    given = dict(parse_qsl(urlsplit(url).query)).get("heartbeat")
    if given is not None and (not given.isdecimal() or not 0 < int(given) <= LONG_HEARTBEAT):
        yield warning(
            SUBJECT, f"heartbeat={given} in fmn.broker.url: a process that hangs keeps its work too long. "
                   "Leave it out, then it's 15 seconds")


def _connected(
    connection: pika.BlockingConnection, settings: BrokerSettings, partitions: Mapping[str, int],
) -> CheckResults:
    # Pika's blocking connection doesn't hand on what its inner one knows.
    told = connection._impl.server_properties  # noqa: SLF001
    version = str(told.get("version", ""))
    if _number(version) < OLDEST:
        yield failed(SUBJECT, f"RabbitMQ {version} is too old: backends need 3.8 or later to stand by")
    missing = 0
    for name, arguments in queue_declarations(settings, partitions).items():
        exists = _exists(connection, name)
        missing += not exists
        # One that's there is declared as our processes do, which changes nothing; another one in vain.
        code, text = _declared(connection, name, arguments if exists else _IMPOSSIBLE)
        if code == _REFUSED:
            yield failed(
                SUBJECT, f"RabbitMQ doesn't let us have the queue {name}: give the user permission to "
                               "configure, write and read it in this virtual host")
        elif exists and code == _OTHERWISE:
            yield failed(
                SUBJECT, f"the queue {name} is there with other arguments ({_difference(text)}): stop "
                               f"FMN, rabbitmqctl delete_queue {name}, and start FMN, which makes it anew")
    queues = "none of our queues yet: the first process makes them" if missing else "queues as they should be"
    yield ok(SUBJECT, f"RabbitMQ {version}; {queues}")


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())


def _exists(connection: pika.BlockingConnection, name: str) -> bool:
    try:
        connection.channel().queue_declare(name, passive=True)
    except ChannelClosedByBroker as closed:
        return bool(closed.reply_code == _REFUSED)  # it may be there; the next question tells
    return True


def _declared(connection: pika.BlockingConnection, name: str, arguments: dict[str, Any]) -> tuple[int, str]:
    try:
        connection.channel().queue_declare(name, durable=True, arguments=arguments)
    except ChannelClosedByBroker as closed:
        return closed.reply_code, closed.reply_text
    return 0, ""


def _difference(text: str) -> str:
    # It begins with AMQP's own word for it, which tells nothing more.
    return text.partition(" - ")[2] or text


def error_reason(error: Exception) -> str:
    """What keeps a client from using RabbitMQ, as a sentence."""
    kind = type(error).__name__
    if "Authentication" in kind:
        return "the user or the password is wrong."
    if "AccessDenied" in kind:
        return "there's no such virtual host, or the user has no permissions in it."
    return f"{error_text(_root_cause(error))}: does it run, and are host and port right?"


def _root_cause(error: BaseException) -> BaseException:
    """The innermost cause of an error: pika wraps causes in lists of attempts."""
    inner = [*getattr(error, "exceptions", ()), getattr(error, "exception", None), *error.args]
    found = next((each for each in inner if isinstance(each, BaseException)), None)
    return error if found is None else _root_cause(found)
