"""Forges whose webhooks FMN takes: their headers, signatures and topics, as documented by each."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fmn.sources.webhooks.signatures import (
    ID_HEADER,
    SIGNATURE_HEADER,
    Headers,
    Proof,
    shows_digest,
    shows_standard_signature,
    shows_token,
)
from fmn.translations import mark

#: Characters of a header's value that is kept.
LONGEST_HEADER: Final = 200
_EVENT: Final = re.compile(r"[a-z0-9_]{1,64}")



def _never(_payload: Mapping[str, Any]) -> bool:
    return False


@dataclass(frozen=True)
class Forge:
    """A kind of forge.

    ``event`` reads the event's name from the headers, as topics have it. ``delivery_headers`` have the
    delivery's id, the first one that is there. ``kept_headers`` are stored with the message, under the names
    that the bus has for them. ``logins`` are paths to whoever caused an event.
    """

    name: str
    title: str
    event: Callable[[Headers], str]
    verify: Callable[[Headers, Proof], bool]
    delivery_headers: Sequence[str]
    kept_headers: Sequence[str]
    logins: Sequence[Sequence[str]]
    is_private: Callable[[Mapping[str, Any]], bool] = _never
    body_key: str = "body"
    headers_key: str = "headers"

    def delivery_id(self, headers: Headers) -> str:
        """The delivery's id; ``""`` without one that can be stored."""
        found = next((headers[name] for name in self.delivery_headers if headers.get(name)), "")
        return found if found.isprintable() and len(found) <= LONGEST_HEADER else ""

    def signs_id(self, headers: Headers) -> bool:
        """Whether the signature of a verified request covers its id and time."""
        return ID_HEADER in self.delivery_headers and SIGNATURE_HEADER in headers

    def headers_to_keep(self, headers: Headers) -> Mapping[str, str]:
        """The headers to store. Secrets and signatures are never among them."""
        found = {name: headers.get(name.lower(), "") for name in self.kept_headers}
        return {
            name: value for name, value in found.items()
            if value and value.isprintable() and len(value) <= LONGEST_HEADER}


def _event_name(*names: str) -> Callable[[Headers], str]:
    def event(headers: Headers) -> str:
        shown = next((headers[name] for name in names if name in headers), "")
        word = shown.strip().lower().replace(" ", "_").removesuffix("_hook")
        return word if _EVENT.fullmatch(word) else ""

    return event


def _discourse_event(headers: Headers) -> str:
    kind = _event_name("x-discourse-event-type")(headers)
    name = _event_name("x-discourse-event")(headers)
    return "ping" if "ping" in (kind, name) else f"{kind}.{name}" if kind and name else ""


def _at(payload: Mapping[str, Any], *path: str) -> object:
    found: Any = payload
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def login_of(forge: Forge, payload: Mapping[str, Any]) -> str:
    """The login of whoever caused an event; ``""`` if it isn't said."""
    found = (_at(payload, *path) for path in forge.logins)
    return next((login for login in found if isinstance(login, str) and login), "")


def _private_repository(payload: Mapping[str, Any]) -> bool:
    repositories = (("repository",), ("run", "repository"), ("forkee",))
    return any(
        _at(payload, *path, key) is True for path in repositories for key in ("private", "internal"))


def _private_at_gitlab(payload: Mapping[str, Any]) -> bool:
    places = (_at(payload, "project", "visibility_level"), _at(payload, "project", "visibility"))
    confidential = (
        _at(payload, "object_attributes", "confidential"), _at(payload, "issue", "confidential"),
        _at(payload, "object_attributes", "internal"))
    kind = payload.get("event_type")
    return (
        places[0] in (0, 10) or places[1] in ("private", "internal") or True in confidential
        or (isinstance(kind, str) and kind.startswith("confidential")))


def _private_at_discourse(payload: Mapping[str, Any]) -> bool:
    archetypes = (
        _at(payload, "post", "topic_archetype"), _at(payload, "topic", "archetype"),
        _at(payload, "solved", "topic_archetype"), _at(payload, "like", "post", "topic_archetype"))
    return "private_message" in archetypes


def _verify_gitlab(headers: Headers, proof: Proof) -> bool:
    # Whoever sends a signature is judged by it: otherwise leaving out the id would do away with it.
    if SIGNATURE_HEADER in headers:
        return shows_standard_signature(headers, proof)
    return shows_token(headers, proof, "x-gitlab-token")


FORGES: Final[Mapping[str, Forge]] = {forge.name: forge for forge in (
    Forge(
        "github", "GitHub", _event_name("x-github-event"),
        lambda headers, proof: shows_digest(headers, proof, "x-hub-signature-256"),
        delivery_headers=("x-github-delivery",),
        kept_headers=("content-type", "user-agent", "x-github-event", "x-github-delivery"),
        logins=(("sender", "login"), ("pusher", "name")), is_private=_private_repository),
    Forge(
        "gitlab", "GitLab", _event_name("x-gitlab-event"), _verify_gitlab,
        delivery_headers=(ID_HEADER, "idempotency-key", "x-gitlab-event-uuid"),
        kept_headers=(
            "content-type", "user-agent", "x-gitlab-event", "x-gitlab-event-uuid", "x-gitlab-instance"),
        logins=(("user", "username"), ("user_username",)), is_private=_private_at_gitlab),
    Forge(
        "forgejo", mark("Forgejo or Gitea"), _event_name("x-forgejo-event", "x-gitea-event"),
        lambda headers, proof: shows_digest(
            headers, proof, "x-forgejo-signature", "x-gitea-signature", "x-hub-signature-256"),
        delivery_headers=("x-forgejo-delivery", "x-gitea-delivery"),
        kept_headers=(
            "content-type", "user-agent", "x-forgejo-event", "x-forgejo-event-type", "x-forgejo-delivery",
            "x-gitea-event", "x-gitea-event-type", "x-gitea-delivery"),
        logins=(("sender", "login"), ("sender", "username"), ("pusher", "login")),
        is_private=_private_repository),
    Forge(
        "discourse", "Discourse", _discourse_event,
        lambda headers, proof: shows_digest(headers, proof, "x-discourse-event-signature"),
        delivery_headers=("x-discourse-event-id",),
        kept_headers=(
            "X-Discourse-Event", "X-Discourse-Event-Id", "X-Discourse-Event-Type", "X-Discourse-Instance"),
        logins=(), is_private=_private_at_discourse,
        # As the bus has it: its publisher is another one than for the other forges.
        body_key="webhook_body", headers_key="webhook_headers"),
)}
