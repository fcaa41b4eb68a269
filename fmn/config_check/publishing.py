"""Configuration check of publishing over AMQP: login, virtual host and exchange."""

from __future__ import annotations

from typing import Final

import pika
from pika.exceptions import AMQPError

from fmn.config_check.broker import error_reason
from fmn.settings import PublishSettings
from fmn.settings.check_results import CheckResults, failed, ok
from fmn.sources.fedmsg.errors import BusError
from fmn.sources.fedora_messaging.publisher import connection_parameters

SUBJECT: Final = "publishing"
#: Seconds for an answer.
TIMEOUT_SECONDS: Final = 5


def check_amqp(settings: PublishSettings) -> CheckResults:
    """Whether the broker accepts us, and has the exchange. Publishes nothing."""
    try:
        parameters = connection_parameters(settings)
        parameters.socket_timeout = parameters.stack_timeout = TIMEOUT_SECONDS
        with pika.BlockingConnection(parameters) as connection:
            connection.channel().exchange_declare(settings.exchange, passive=True)
    except BusError as error:
        yield failed(SUBJECT, str(error))
    except (AMQPError, OSError) as error:
        yield failed(SUBJECT, f"the broker of fmn.publish.url can't be used: {error_reason(error)}")
    else:
        yield ok(SUBJECT, f"{parameters.host}:{parameters.port} has the exchange {settings.exchange}")
