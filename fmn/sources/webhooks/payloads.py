"""Payloads of verified deliveries, read into messages of the topics and forms that the bus has."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qs

from fmn.catalog import Message
from fmn.people.usernames import is_username
from fmn.sources.json_objects import decode_object
from fmn.sources.rejection import MessageRejectedError
from fmn.sources.repair import repaired_and_counted
from fmn.sources.webhook_headers import without_secrets
from fmn.sources.webhooks.forges import FORGES, Forge, login_of
from fmn.sources.webhooks.outcomes import NotStoredError, Outcome
from fmn.sources.webhooks.signatures import Headers, signed_time

JSON_TYPE: Final = "application/json"
FORM_TYPE: Final = "application/x-www-form-urlencoded"
#: The field of a form that has the JSON; forges send no other one.
_FORM_FIELD: Final = "payload"
#: Fields of a form that are read before it's given up.
_MOST_FIELDS: Final = 5
PING: Final = "ping"


@dataclass(frozen=True)
class HookRequest:
    """A request as it came: headers by their names in lower case, and the raw bytes of its body."""

    headers: Headers
    content_type: str
    body: bytes


@dataclass(frozen=True)
class HookConfig:
    """What a webhook says of its messages."""

    name: str
    forge: Forge
    topic_prefix: str
    logins_are_accounts: bool
    private_too: bool

    @property
    def signer(self) -> str:
        """Who vouches for its messages' ids, and their source."""
        return f"hook:{self.name}"


def message_of(hook: HookConfig, request: HookRequest, now: datetime) -> Message:
    """The message of a verified request.

    :raises NotStoredError: nothing is to be stored, because it's a ping, private or unreadable
    """
    event = hook.forge.event(request.headers)
    if not event:
        raise NotStoredError(Outcome.NO_EVENT)
    if event == PING:
        raise NotStoredError(Outcome.PING)
    payload = _payload(request)
    if not hook.private_too and hook.forge.is_private(payload):
        raise NotStoredError(Outcome.PRIVATE)
    signs_id = hook.forge.signs_id(request.headers)
    return Message(
        msg_id=hook.forge.delivery_id(request.headers) or content_name(request.body),
        topic=f"{hook.topic_prefix}.{hook.forge.name}.{event}",
        sent_at=(signed_time(request.headers) if signs_id else None) or now,
        body=without_secrets(_body(hook, request, payload)), signer=hook.signer, source=hook.signer)


def content_name(body: bytes) -> str:
    """Id of a delivery by the bytes that its signature covers."""
    return f"body-{hashlib.sha256(body).hexdigest()}"


def _payload(request: HookRequest) -> dict[str, Any]:
    try:
        decoded = decode_object(_json_text(request))
    except MessageRejectedError as error:
        raise NotStoredError(Outcome.UNREADABLE) from error
    repaired: dict[str, Any] = repaired_and_counted(decoded)
    return repaired


def _json_text(request: HookRequest) -> bytes:
    if request.content_type == JSON_TYPE:
        return request.body
    if request.content_type != FORM_TYPE:
        raise NotStoredError(Outcome.CONTENT_TYPE)
    try:
        fields = parse_qs(request.body.decode("ascii"), errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError as error:  # UnicodeDecodeError is one
        raise NotStoredError(Outcome.UNREADABLE) from error
    return fields.get(_FORM_FIELD, [""])[0].encode()


def _body(hook: HookConfig, request: HookRequest, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    forge = hook.forge
    body: dict[str, Any] = {
        forge.body_key: payload, forge.headers_key: dict(forge.headers_to_keep(request.headers))}
    if forge.logins:
        body["agent"] = _agent(hook, payload)
    elif not hook.logins_are_accounts:  # there's no agent to leave out
        body["logins_are_accounts"] = False
    return body


def _agent(hook: HookConfig, payload: Mapping[str, Any]) -> str | None:
    login = login_of(hook.forge, payload)
    return login if hook.logins_are_accounts and is_username(login) else None


#: Compared with for names that no webhook has.
NO_HOOK: Final = HookConfig("", FORGES["github"], "", logins_are_accounts=False, private_too=False)
