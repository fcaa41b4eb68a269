"""Configuration checks of fedora-messaging: certificates, login, and the queue. They declare nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from pika.exceptions import ChannelClosedByBroker

from fmn.errors import OperatorError
from fmn.settings import FedoraMessagingSettings
from fmn.settings.check_results import CheckResult, CheckResults, failed, ok, warning
from fmn.sources.fedora_messaging.connection import (
    CONNECTION_ERRORS,
    certificate_problems,
    connect,
    connection_parameters,
    host_of,
    reason_of,
)

SUBJECT: Final = "fedora-messaging"
TRUST: Final = "fedora-messaging trust"
#: How long before its end a certificate is worth a warning.
WARN_BEFORE: Final = timedelta(days=30)
#: AMQP's code for a queue that isn't there.
_NOT_FOUND: Final = 404


def check_trust(settings: FedoraMessagingSettings, now: datetime) -> CheckResults:
    """Whether certificates and key can be read, fit together, and are valid."""
    if not settings.urls:
        return
    try:
        connection_parameters(settings)
    except OperatorError as error:
        yield failed(TRUST, str(error))
        return
    if problems := list(certificate_problems(settings, now)):
        yield from (failed(TRUST, problem) for problem in problems)
    elif soon := list(certificate_problems(settings, now + WARN_BEFORE)):
        yield from (warning(TRUST, f"within 30 days, {problem}") for problem in soon)
    else:
        yield ok(TRUST, "the certificates can be read and are valid")


def check_host(settings: FedoraMessagingSettings, url: str) -> CheckResults:
    """Whether one broker accepts the login and has the queue."""
    try:
        (parameters,) = connection_parameters(settings.model_copy(update={"urls": (url,)}))
    except OperatorError:  # told by `check_trust`
        return
    host = host_of(parameters)
    try:
        connection = connect(parameters)
    except CONNECTION_ERRORS as error:
        yield failed(SUBJECT, f"{host} can't be used: {reason_of(error)}. See fmn.fedora_messaging.urls")
        return
    with connection:
        yield _queue_result(connection, settings, host)


def _queue_result(connection: Any, settings: FedoraMessagingSettings, host: str) -> CheckResult:
    queue = settings.queue
    try:
        found = connection.channel().queue_declare(queue, passive=True)
    except ChannelClosedByBroker as closed:
        if closed.reply_code != _NOT_FOUND:
            return failed(SUBJECT, f"{host}: the queue {queue} can't be used: {closed.reply_text}")
        if settings.queue_declare:
            return ok(SUBJECT, f"{host} accepts FMN; the consumer makes the queue {queue}")
        return failed(
            SUBJECT, f"{host} has no queue {queue}: have the broker's administrators make it, "
                     "or say fmn.fedora_messaging.queue_declare = true")
    return ok(SUBJECT, f"{host} accepts FMN; {found.method.message_count} messages wait in the queue {queue}")
