"""Every parser of what strangers write, as a function of bytes: it raises nothing but what it says."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from types import SimpleNamespace
from typing import Any, Final
from zoneinfo import ZoneInfo

from irc.client import Reactor
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey
from pika import BasicProperties
from pydantic import ValidationError
from pyramid.httpexceptions import HTTPException
from pyramid.request import Request
from webob.cookies import SignedSerializer
from webob.exc import HTTPException as WebobException

from fmn.catalog import Catalog
from fmn.catalog.declarative.file_parser import MAX_FILE_BYTES as MAX_EVENT_TYPES_BYTES
from fmn.catalog.declarative.file_parser import EventTypesFileError
from fmn.catalog.declarative.file_parser import parse_file as parse_event_types
from fmn.catalog.message import Message
from fmn.channels import MAX_ADDRESS_LENGTH
from fmn.delivery.apprise.apprise_urls import mask_url, parse_url
from fmn.delivery.egress.network_policy import NetworkPolicy
from fmn.delivery.email.bounce_reports import LONGEST, parse_bounce
from fmn.delivery.email.return_addresses import ReturnAddresses
from fmn.delivery.irc.irc_connection import BlockingServerConnection
from fmn.delivery.signed_links import LinkError, Links
from fmn.delivery.webpush.subscriptions import mask_address as mask_subscription
from fmn.delivery.webpush.subscriptions import parse_subscription, read_address
from fmn.directory.json_validation import JsonValidator
from fmn.directory.merging import DirectoryUnavailableError
from fmn.errors import UserError
from fmn.filters.expression_syntax import MAX_LENGTH as LONGEST_EXPRESSION
from fmn.filters.expression_syntax import ExpressionSyntaxError, parse_expression, print_expression
from fmn.filters.expressions import MalformedExpressionError, expression_from_json, expression_to_json
from fmn.filters.rule_types import rule_types
from fmn.infra.clock import utc_now
from fmn.infra.http import MAX_BYTES as MAX_DIRECTORY_BYTES
from fmn.infra.http import RetryableError
from fmn.infra.public_ids import PublicId
from fmn.preferences_io.file_parser import MAX_FILE_BYTES, PreferencesFileError, parse_file
from fmn.preferences_io.schema import Format
from fmn.settings import BusSettings, Settings
from fmn.settings.sources import HookSettings
from fmn.sources.backfill.backfill_source import MAX_BYTES
from fmn.sources.backfill.datagrepper import UnreadablePageError, read_page
from fmn.sources.cloudevents.errors import InvalidEventError, UnsupportedEventError
from fmn.sources.cloudevents.parser import parse_events
from fmn.sources.fedmsg.canonical import canonical_text
from fmn.sources.fedmsg.parser import MessageParser
from fmn.sources.fedmsg.routing_policy import RoutingPolicy
from fmn.sources.fedora_messaging.connection import DECODING_ERRORS
from fmn.sources.fedora_messaging.parser import AmqpMessageParser, Delivery
from fmn.sources.rejection import MessageRejectedError
from fmn.sources.spool.sqlite_spool import read_entry
from fmn.sources.webhooks.forges import FORGES
from fmn.sources.webhooks.outcomes import NotStoredError
from fmn.sources.webhooks.payloads import FORM_TYPE, JSON_TYPE, HookConfig, HookRequest, message_of
from tests.factories.messages import NOON
from webapp.api.filter_preview import Draft
from webapp.api.problems import ApiError
from webapp.api.request_parsing import LARGEST_BODY, read_body
from webapp.auth.sessions import _SignedSerializer
from webapp.inbox.search_criteria import Vocabulary
from webapp.inbox.search_query import MAX_LENGTH as LONGEST_SEARCH
from webapp.inbox.search_query import parse_query
from webapp.oidc.discovery import ProviderMetadata, key_set
from webapp.oidc.id_tokens import ExpectedClaims, IdTokenError, read_id_token
from webapp.request_validation import LARGEST_FORM, validate_request

Parse = Callable[[bytes], object]
#: Bytes of a line and of its tags on IRC, IRCv3's most.
IRC_BYTES: Final = 8191 + 512
#: Bytes of a request's head that waitress takes.
HEAD_BYTES: Final = 262_144
_SECRET: Final = "a secret of the tests"
_VOCABULARY: Final = Vocabulary("alice", ["email", "irc"], (), NOON, ZoneInfo("Europe/Berlin"))
#: What a message is sent under.
TOPIC: Final = b"org.fedoraproject.prod.copr.build.end"


@dataclass(frozen=True)
class Target:
    """A parser, and the most bytes that it's given."""

    parse: Parse
    most_bytes: int


def frames(data: bytes) -> None:
    """A message of the bus: its topic, and behind a NUL its body, which may leave out the topic."""
    topic, separator, body = data.partition(b"\0")
    with contextlib.suppress(MessageRejectedError):
        message = _message_parser().parse([topic, body] if separator else [TOPIC, data])
        _check_storable(message)


def amqp_message(data: bytes) -> None:
    """A message of an AMQP queue: two bytes with the length of its properties, the properties, the body."""
    end = 2 + int.from_bytes(data[:2], "big")
    properties = BasicProperties()
    try:
        properties.decode(data[2:end])
    except DECODING_ERRORS:
        return
    with contextlib.suppress(MessageRejectedError):
        _check_storable(_amqp_parser().parse(Delivery(
            "org.example.prod.oven.bake", data[end:], len(data) - end, headers=properties.headers or {},
            message_id=properties.message_id, content_encoding=properties.content_encoding,
            priority=properties.priority), utc_now()))


def _check_storable(message: Message) -> None:
    assert 0 < len(message.msg_id) <= 200
    json.dumps([message.body, dict(message.headers)], allow_nan=False).encode("ascii")
    assert "\0" not in json.dumps(message.body, ensure_ascii=False)
    assert message.sent_at.astimezone().year > 0


def canonical(data: bytes) -> None:
    """What signatures are made over says the same as what was signed, in one spelling."""
    with contextlib.suppress(ValueError, RecursionError):
        value = json.loads(data)
        text = canonical_text({"value": value})
        again = json.loads(text)
        assert canonical_text(again) == text


def spool_entry(data: bytes) -> None:
    """A line of the spool."""
    read_entry(data.decode(errors="replace"))


def preferences(data: bytes) -> None:
    """A file of preferences, in either format."""
    for written in Format:
        with contextlib.suppress(PreferencesFileError):
            parse_file(data, written)


def event_types(data: bytes) -> None:
    """A file of event types: what is read says something of any message."""
    with contextlib.suppress(EventTypesFileError):
        known = Catalog([parse_event_types("file.toml", data).application])
        for event in known.event_types():
            assert known.describe(event.example_message()).summary


def events(data: bytes) -> None:
    """A request that publishes events, its type on the first line."""
    kind, _, body = data.partition(b"\n")
    headers = {f"ce-{name}": "1" for name in ("id", "source", "type")} | {"ce-specversion": "1.0"}
    with contextlib.suppress(InvalidEventError, UnsupportedEventError):
        assert parse_events(kind.decode(errors="replace"), headers.items(), body)


def notation(data: bytes) -> None:
    """An expression as people type it: what is read is printed and read again."""
    with contextlib.suppress(ExpressionSyntaxError):
        found = parse_expression(data.decode(errors="replace"), rule_types())
        assert parse_expression(print_expression(found, rule_types()), rule_types()) == found


def inbox_search(data: bytes) -> None:
    """A search of the inbox: what is read is written and read again."""
    with contextlib.suppress(UserError):
        query = parse_query(data.decode(errors="replace"))
        written = str(query)
        assert len(written) > LONGEST_SEARCH or parse_query(written) == query
        _VOCABULARY.resolve(query)


def expression_json(data: bytes) -> None:
    """An expression as programs send it."""
    with contextlib.suppress(ValueError, RecursionError, MalformedExpressionError):
        value = json.loads(data)
        with contextlib.suppress(MalformedExpressionError):
            found = expression_from_json(value)
            assert expression_from_json(expression_to_json(found)) == found


def report(data: bytes) -> None:
    """A mail that came back, and to which of our addresses."""
    assert parse_bounce(data).reason is not None
    _return_addresses().read([data.decode(errors="replace")], PublicId)


def api_body(data: bytes) -> None:
    """A body of the API."""
    request = Request.blank("/api/v1/drafts", method="POST", content_type="application/json", body=data)
    with contextlib.suppress(ApiError):
        read_body(request, Draft)


def form(data: bytes) -> None:
    """A form of a page, in either of the forms that forms have."""
    boundary = data[:20].partition(b"\n")[0].strip(b"-\r").decode("ascii", "ignore")
    for kind in ("application/x-www-form-urlencoded", f"multipart/form-data; boundary={boundary}"):
        with contextlib.suppress(HTTPException, WebobException):
            request = Request.blank("/", method="POST", content_type=kind, body=data)
            validate_request(SimpleNamespace(request=request))


def irc_lines(data: bytes) -> None:
    """What an IRC server sends."""
    connection = BlockingServerConnection(Reactor())
    connection.connect(
        "irc.example.org", 6697, "fmn", password="p", sasl_login="fmn",
        connect_factory=lambda _address: _Given(data))
    # The library stumbles over some lines; that ends the connection, see fmn.delivery.irc.irc_connection.
    with contextlib.suppress(ValueError, AttributeError, IndexError, TypeError):
        while connection.is_connected():
            connection.process_data()


class _Given(io.BytesIO):
    """A socket with so much to read, and nobody at its other end."""

    def recv(self, size: int) -> bytes:
        return self.read(size)

    def sendall(self, _data: bytes) -> None: ...

    def shutdown(self, _how: int) -> None: ...


def apprise_url(data: bytes) -> None:
    """A chat's address, as somebody types it and as everybody may see it."""
    text = data.decode(errors="replace")
    with contextlib.suppress(ValueError):
        parse_url(text, _settings())
        assert mask_url(text)


def push_subscription(data: bytes) -> None:
    """A browser's push subscription, as a page sends it or as it's kept."""
    text = data.decode(errors="replace")
    mask_subscription(text)
    with contextlib.suppress(ValueError):
        found = parse_subscription(text, "keykeyid", NetworkPolicy())
        assert len(found.address) <= MAX_ADDRESS_LENGTH
        assert read_address(found.address) == found


def session_cookie(data: bytes) -> None:
    """A cookie: a stranger's, and one that was signed with a secret which somebody knows."""
    for cookie in (data, _signed_by_us().dumps(data)):
        with contextlib.suppress(ValueError):
            _cookies().loads(cookie)


def links(data: bytes) -> None:
    """The token of a link in a mail."""
    made = _links()
    for reading in (made.read_why, made.read_unsubscribe, made.read_confirm, made.read_feed, made.read_go):
        with contextlib.suppress(LinkError):
            reading(data.decode(errors="replace"))


def archive_page(data: bytes) -> None:
    """An answer of an archive."""
    with contextlib.suppress(RetryableError, UnreadablePageError):
        read_page(data)


def directory_answer(data: bytes) -> None:
    """An answer of a directory."""
    with contextlib.suppress(DirectoryUnavailableError):
        shape = JsonValidator("here")
        shape.lists(shape.parse(data))
        shape.check()


def oidc_document(data: bytes) -> None:
    """What an OpenID provider publishes of itself, and its keys."""
    with contextlib.suppress(ValueError, RecursionError):
        found: Any = json.loads(data)
        with contextlib.suppress(ValidationError):
            ProviderMetadata.model_validate(found)
        with contextlib.suppress(ValueError, JoseError):
            key_set(found)


def id_token(data: bytes) -> None:
    """What an OpenID provider says of somebody, or whoever claims to be one."""
    expected = ExpectedClaims("https://id.example.org", "fmn", "once", "access")
    with contextlib.suppress(IdTokenError):
        read_id_token(data.decode(errors="replace"), _keys(), expected, 1_800_000_000)


def hook_delivery(data: bytes) -> None:
    """A delivery of a forge: a line with the event, and the payload."""
    event, _, body = data.partition(b"\n")
    headers = {f"x-{each}-event": event.decode("latin-1") for each in ("github", "gitlab", "forgejo")}
    for forge in FORGES.values():
        config = HookConfig("moss", forge, "org.example.prod", logins_are_accounts=True, private_too=False)
        for content_type in (JSON_TYPE, FORM_TYPE):
            with contextlib.suppress(NotStoredError):
                json.dumps(message_of(config, HookRequest(headers, content_type, body), NOON).body)


TARGETS: Final[Mapping[str, Target]] = {
    "frames": Target(frames, BusSettings().max_message_bytes),
    "amqp_message": Target(amqp_message, BusSettings().max_message_bytes),
    "canonical": Target(canonical, BusSettings().max_message_bytes),
    "spool_entry": Target(spool_entry, BusSettings().max_message_bytes),
    "preferences": Target(preferences, MAX_FILE_BYTES),
    "event_types": Target(event_types, MAX_EVENT_TYPES_BYTES),
    "events": Target(events, LARGEST_BODY),
    "notation": Target(notation, LONGEST_EXPRESSION),
    "inbox_search": Target(inbox_search, 4 * LONGEST_SEARCH),
    "expression_json": Target(expression_json, LARGEST_BODY),
    "report": Target(report, LONGEST),
    "api_body": Target(api_body, LARGEST_BODY),
    "form": Target(form, LARGEST_FORM),
    "hook_delivery": Target(hook_delivery, HookSettings().max_body_bytes),
    "irc_lines": Target(irc_lines, IRC_BYTES),
    "apprise_url": Target(apprise_url, 2000),
    "push_subscription": Target(push_subscription, 2500),
    "session_cookie": Target(session_cookie, HEAD_BYTES),
    "links": Target(links, HEAD_BYTES),
    "archive_page": Target(archive_page, MAX_BYTES),
    "directory_answer": Target(directory_answer, MAX_DIRECTORY_BYTES),
    "oidc_document": Target(oidc_document, LARGEST_BODY),
    "id_token": Target(id_token, LARGEST_BODY),
}


@cache
def _message_parser() -> MessageParser:
    return MessageParser(BusSettings(), None, RoutingPolicy())


@cache
def _amqp_parser() -> AmqpMessageParser:
    return AmqpMessageParser(BusSettings())


@cache
def _settings() -> Settings:
    return Settings()


@cache
def _return_addresses() -> ReturnAddresses:
    return ReturnAddresses("bounces@example.org", "+", _SECRET)


@cache
def _links() -> Links:
    return Links("https://apps.example.org", _SECRET)


@cache
def _cookies() -> _SignedSerializer:
    return _SignedSerializer([_SECRET])


class _AsItIs:
    def dumps(self, value: bytes) -> bytes:
        return value

    def loads(self, value: bytes) -> bytes:
        return value


@cache
def _signed_by_us() -> SignedSerializer:
    key = sha256(f"session {_SECRET}".encode()).hexdigest()
    return SignedSerializer(key, "pyramid.session.", "sha512", serializer=_AsItIs())


@cache
def _keys() -> KeySet:
    return KeySet([RSAKey.generate_key(2048, auto_kid=True)])
