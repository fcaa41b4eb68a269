"""Configuration check of publishing over AMQP: login, virtual host and exchange."""

from __future__ import annotations

from typing import Final

import pika
from pika.exceptions import AMQPError

from fmn.settings import FedoraMessagingSettings, PublishSettings
from fmn.settings.check_results import CheckResults, failed, ok
from fmn.sources.errors import BusError
from fmn.sources.fedora_messaging.connection import reason_of
from fmn.sources.fedora_messaging.publisher_connection import publisher_connection

SUBJECT: Final = "publishing"
#: Seconds for an answer.
TIMEOUT_SECONDS: Final = 5


def check_amqp(settings: PublishSettings, receiving: FedoraMessagingSettings) -> CheckResults:
    """Whether the broker accepts us, and has the exchange. Publishes nothing."""
    try:
        target = publisher_connection(settings, receiving)
    except BusError as error:
        yield failed(SUBJECT, str(error))
        return
    for parameters in target.hosts:
        parameters.socket_timeout = parameters.stack_timeout = TIMEOUT_SECONDS
    try:
        with pika.BlockingConnection(target.hosts) as connection:
            connection.channel().exchange_declare(target.exchange, passive=True)
    except (AMQPError, OSError) as error:
        yield failed(SUBJECT, f"{target.address} can't be used: {reason_of(error)}. See fmn.publish.url")
    else:
        yield ok(SUBJECT, f"{target.address} has the exchange {target.exchange}")
