"""Connections to RabbitMQ: parameters by the settings, and a client that survives undecodable properties."""

from __future__ import annotations

import ssl
import struct
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import pika
from cryptography import x509
from pika.exceptions import AMQPError, InvalidFieldTypeException

from fmn.errors import OperatorError
from fmn.infra import metrics
from fmn.settings import FedoraMessagingSettings
from fmn.settings.masking import masked

#: Seconds to connect, and for the whole of TCP, TLS and login.
SOCKET_TIMEOUT: Final = 5
LOGIN_TIMEOUT: Final = 10
#: ``type`` of messages whose properties can't be decoded.
UNDECODABLE: Final = "fmn: undecodable properties"
#: Errors of connecting and of a connection that ends.
CONNECTION_ERRORS: Final = (AMQPError, OSError, ssl.SSLError)
#: Errors of pika's decoder on properties that it doesn't know or that nest too deeply, and on times and
#: numbers that Python can't hold.
DECODING_ERRORS: Final = (
    InvalidFieldTypeException, struct.error, ValueError, ArithmeticError, OSError, RecursionError, IndexError,
    TypeError)


class TolerantConnection(pika.SelectConnection):  # type: ignore[misc]  # pika's types aren't read
    """Connection on which a message with undecodable properties is a message without any.

    Otherwise one message of a stranger would end the connection, and come again on the next one, for ever.
    """

    def _read_frame(self) -> Any:
        try:
            return super()._read_frame()
        except DECODING_ERRORS:
            kind, channel, size = struct.unpack_from(">BHL", self._frame_buffer)
            if kind != pika.spec.FRAME_HEADER:
                raise
            body_size = struct.unpack_from(">Q", self._frame_buffer, pika.spec.FRAME_HEADER_SIZE + 4)[0]
            properties = pika.BasicProperties(type=UNDECODABLE)
            end = pika.spec.FRAME_HEADER_SIZE + size + pika.spec.FRAME_END_SIZE
            return end, pika.frame.Header(channel, body_size, properties)


def connection_parameters(settings: FedoraMessagingSettings) -> Sequence[pika.ConnectionParameters]:
    """Parameters for each of the settings' URLs, in order.

    :raises OperatorError: a URL can't be used, or a certificate or key can't be read
    """
    return [_parameters(url, settings) for url in settings.urls]


def _parameters(url: str, settings: FedoraMessagingSettings) -> pika.ConnectionParameters:
    parts = urlsplit(url)
    try:
        parameters = pika.URLParameters(url)
    except (ValueError, TypeError) as error:  # what follows the question mark
        raise OperatorError(f"fmn.fedora_messaging.urls: {masked(url)} can't be used: {error}") from error
    if parts.scheme == "amqps":
        parameters.ssl_options = pika.SSLOptions(_tls(settings), parts.hostname)
    if settings.vhost:
        parameters.virtual_host = settings.vhost
    if settings.username:
        parameters.credentials = pika.PlainCredentials(settings.username, settings.password)
    elif settings.certificate_file is not None and not parts.username:
        parameters.credentials = pika.credentials.ExternalCredentials()
    parameters.heartbeat = settings.heartbeat_seconds
    parameters.socket_timeout, parameters.stack_timeout = SOCKET_TIMEOUT, LOGIN_TIMEOUT
    parameters.connection_attempts = 1
    parameters.client_properties = {"product": "FMN", "connection_name": "fmn consumer"}
    return parameters


def _tls(settings: FedoraMessagingSettings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=settings.ca_file)
    except OSError as error:  # ssl.SSLError is one
        raise OperatorError(
            f"fmn.fedora_messaging.ca_file = {settings.ca_file} can't be used: {error}") from error
    if settings.certificate_file is not None and settings.key_file is not None:
        try:
            context.load_cert_chain(settings.certificate_file, settings.key_file)
        except OSError as error:
            raise OperatorError(
                f"fmn.fedora_messaging.certificate_file = {settings.certificate_file} and key_file = "
                f"{settings.key_file} can't be used: {error}") from error
    return context


def connect(parameters: pika.ConnectionParameters) -> pika.BlockingConnection:
    """Connect to one host. Raises one of :data:`CONNECTION_ERRORS`."""
    return pika.BlockingConnection(parameters, _impl_class=TolerantConnection)


def host_of(parameters: pika.ConnectionParameters) -> str:
    """Host and port, for logs."""
    return f"{parameters.host}:{parameters.port}"


def reason_of(error: BaseException) -> str:
    """A sentence on why a connection failed. Pika wraps causes in lists of attempts."""
    kind = type(error).__name__
    if "Authentication" in kind:
        return "the broker doesn't accept the certificate, user or password"
    if "AccessDenied" in kind:
        return "there's no such virtual host, or the user has no permissions in it"
    inner = [*getattr(error, "exceptions", ()), getattr(error, "exception", None), *error.args]
    cause = next((each for each in inner if isinstance(each, BaseException)), None)
    if cause is not None:
        return reason_of(cause)
    return str(getattr(error, "reply_text", "") or error) or kind


def declare(channel: Any, settings: FedoraMessagingSettings) -> None:
    """Declare the queue and its bindings, or check that the queue is there. Raises an AMQP error."""
    if not settings.queue_declare:
        channel.queue_declare(settings.queue, passive=True)
        return
    channel.queue_declare(
        settings.queue, durable=settings.queue_durable, exclusive=settings.queue_exclusive,
        auto_delete=settings.queue_auto_delete)
    for binding in settings.bindings:
        channel.queue_bind(settings.queue, settings.exchange, binding)


def certificate_problems(settings: FedoraMessagingSettings, now: datetime) -> Iterator[str]:
    """What is wrong with the validity of the certificates in the settings' files; a sentence each."""
    for key, label, path in (
        ("ca_file", "broker authority", settings.ca_file),
        ("certificate_file", "client certificate", settings.certificate_file),
    ):
        if path is None:
            continue
        setting = f"fmn.fedora_messaging.{key}"
        try:
            certificate = x509.load_pem_x509_certificate(path.read_bytes())
        except (OSError, ValueError) as error:
            yield f"{setting} = {path} can't be read: {error}"
            continue
        until = certificate.not_valid_after_utc
        metrics.trust_valid_until.labels(label).set(until.timestamp())
        if now > until:
            yield f"the certificate in {setting} has expired at {until:%Y-%m-%d %H:%M} UTC: renew it"
        elif now < certificate.not_valid_before_utc:
            yield f"the certificate in {setting} isn't valid yet: check the host's clock"
