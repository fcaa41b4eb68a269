"""Connection of a publisher over AMQP: one of its own, or the one that messages are received over."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import pika
from pika.credentials import ExternalCredentials

from fmn.errors import OperatorError
from fmn.settings import FedoraMessagingSettings, PublishSettings
from fmn.sources.errors import BusError
from fmn.sources.fedora_messaging.connection import connection_parameters

#: Seconds to connect, and to wait while the broker blocks publishers.
TIMEOUT_SECONDS: Final = 15
#: The kernel notices a dead broker within 15 to 25 s; a publisher that idles for hours sends no heartbeats.
_TCP_OPTIONS: Final = {
    "TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 15_000}


@dataclass(frozen=True)
class PublisherConnection:
    """Where to publish: the broker's hosts in order of preference, and the exchange."""

    hosts: Sequence[pika.ConnectionParameters]
    exchange: str

    @property
    def address(self) -> str:
        """Hosts and ports, for errors."""
        return ", ".join(f"{each.host}:{each.port}" for each in self.hosts)


def publisher_connection(
    settings: PublishSettings, receiving: FedoraMessagingSettings,
) -> PublisherConnection:
    """The connection of ``fmn.publish.url``; without one that of ``receiving``.

    :raises BusError: there's neither, or a certificate can't be used
    """
    if settings.url:
        hosts: Sequence[pika.ConnectionParameters] = [_own(settings)]
    elif receiving.urls:
        hosts = _shared(receiving)
    else:
        raise BusError("fmn.publish.url is missing: set the broker's address there, or in "
                       "fmn.fedora_messaging.urls")
    for parameters in hosts:
        parameters.heartbeat = 0
        parameters.tcp_options = _TCP_OPTIONS
        parameters.socket_timeout = parameters.stack_timeout = TIMEOUT_SECONDS
        parameters.blocked_connection_timeout = TIMEOUT_SECONDS
        parameters.client_properties = {"product": "FMN", "connection_name": "fmn publisher"}
    return PublisherConnection(hosts, settings.exchange if settings.url else receiving.exchange)


def _shared(receiving: FedoraMessagingSettings) -> Sequence[pika.ConnectionParameters]:
    try:
        return connection_parameters(receiving)
    except OperatorError as error:
        raise BusError(str(error)) from error


def _own(settings: PublishSettings) -> pika.ConnectionParameters:
    parameters = pika.URLParameters(settings.url)
    if urlsplit(settings.url).scheme == "amqps":
        parameters.ssl_options = pika.SSLOptions(_tls(settings), parameters.host)
        if settings.amqp_certificate_file is not None:
            parameters.credentials = ExternalCredentials()
    return parameters


def _tls(settings: PublishSettings) -> ssl.SSLContext:
    ca, certificate, key = settings.amqp_ca_file, settings.amqp_certificate_file, settings.amqp_key_file
    try:
        context = ssl.create_default_context(cafile=ca)
    except OSError as error:  # ssl's errors are, too
        raise BusError(f"fmn.publish.amqp_ca_file = {ca} can't be used: {error}") from error
    if certificate is not None and key is not None:
        try:
            # Without a password, OpenSSL would ask for one at the terminal.
            context.load_cert_chain(certificate, key, password=b"")
        except (OSError, ValueError) as error:
            raise BusError(f"fmn.publish.amqp_certificate_file = {certificate} and amqp_key_file = {key} "
                           f"can't be used: {error}") from error
    return context
