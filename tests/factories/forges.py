"""Deliveries of forges, made up in the shape that each forge documents, and signed as it signs them."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote_plus

Payload = Mapping[str, Any]
JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"

REPOSITORY: Final[Payload] = {
    "id": 815, "name": "moss", "full_name": "mossers/moss", "private": False,
    "html_url": "https://forge.example/mossers/moss"}
ISSUE: Final[Payload] = {
    "action": "opened", "repository": REPOSITORY, "sender": {"login": "mary", "id": 4711},
    "issue": {"number": 7, "title": "Too dry", "html_url": "https://forge.example/mossers/moss/issues/7"}}
MERGE_REQUEST: Final[Payload] = {
    "object_kind": "merge_request", "event_type": "merge_request",
    "user": {"username": "mary", "name": "Mary"},
    "project": {"name": "moss", "path_with_namespace": "mossers/moss", "visibility_level": 20},
    "object_attributes": {"iid": 3, "title": "Water it", "action": "open",
                          "url": "https://forge.example/mossers/moss/-/merge_requests/3"}}
POST: Final[Payload] = {"post": {
    "id": 5, "username": "mary", "topic_id": 9, "topic_title": "Moss in winter",
    "topic_slug": "moss-in-winter", "topic_archetype": "regular", "post_number": 2}}


@dataclass(frozen=True)
class Delivery:
    """A request of a forge, before it's signed."""

    forge: str
    headers: Mapping[str, str]
    body: bytes
    sign: Callable[[str, bytes], Mapping[str, str]]

    def signed(self, secret: str) -> Mapping[str, str]:
        """All headers, with the signature for a secret."""
        return {**self.headers, **self.sign(secret, self.body)}

    def with_body(self, body: bytes, content_type: str = JSON) -> Delivery:
        """The same event with other bytes."""
        return replace(self, body=body, headers={**self.headers, "Content-Type": content_type})

    def with_headers(self, **headers: str) -> Delivery:
        """The same with further headers, whose names have ``_`` for a hyphen."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(self, headers={**self.headers, **named})


def digest(secret: str, body: bytes) -> str:
    return hmac.digest(secret.encode(), body, "sha256").hex()


def github(payload: Payload = ISSUE, event: str = "issues", delivery: str = "d-1") -> Delivery:
    """A delivery of GitHub's."""
    headers = {
        "Content-Type": JSON, "User-Agent": "GitHub-Hookshot/1c76dbe", "X-GitHub-Event": event,
        "X-GitHub-Delivery": delivery}
    return Delivery("github", headers, json.dumps(payload).encode(), lambda secret, body: {
        "X-Hub-Signature-256": f"sha256={digest(secret, body)}"})


def github_form(payload: Payload = ISSUE) -> Delivery:
    """The same as a form."""
    return github().with_body(f"payload={quote_plus(json.dumps(payload))}".encode(), FORM)


def forgejo(payload: Payload = ISSUE, event: str = "issues", delivery: str = "d-1") -> Delivery:
    """A delivery of Forgejo's."""
    headers = {"Content-Type": JSON, "X-Forgejo-Event": event, "X-Forgejo-Delivery": delivery}
    return Delivery("forgejo", headers, json.dumps(payload).encode(), lambda secret, body: {
        "X-Forgejo-Signature": digest(secret, body), "X-Hub-Signature-256": f"sha256={digest(secret, body)}"})


def gitea(payload: Payload = ISSUE, event: str = "issues", delivery: str = "d-1") -> Delivery:
    """A delivery of Gitea's."""
    headers = {"Content-Type": JSON, "X-Gitea-Event": event, "X-Gitea-Delivery": delivery}
    return Delivery("forgejo", headers, json.dumps(payload).encode(), lambda secret, body: {
        "X-Gitea-Signature": digest(secret, body)})


def gitlab(
    payload: Payload = MERGE_REQUEST, event: str = "Merge Request Hook", delivery: str = "d-1",
) -> Delivery:
    """A delivery of GitLab's with a secret token."""
    headers = {"Content-Type": JSON, "X-Gitlab-Event": event, "Idempotency-Key": delivery}
    return Delivery("gitlab", headers, json.dumps(payload).encode(), lambda secret, _body: {
        "X-Gitlab-Token": secret})


def signed_gitlab(sent_at: datetime, delivery: str = "d-1") -> Delivery:
    """The same with a signing token."""
    seconds = str(int(sent_at.timestamp()))

    def sign(secret: str, body: bytes) -> Mapping[str, str]:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        content = f"{delivery}.{seconds}.".encode() + body
        return {"webhook-signature": f"v1,{base64.b64encode(hmac.digest(key, content, 'sha256')).decode()}"}

    made = gitlab(delivery=delivery).with_headers(webhook_id=delivery, webhook_timestamp=seconds)
    return replace(made, sign=sign)


def discourse(
    payload: Payload = POST, kind: str = "post", event: str = "post_created", delivery: str = "158765",
) -> Delivery:
    """A delivery of Discourse's."""
    headers = {
        "Content-Type": JSON, "X-Discourse-Instance": "https://talk.example.org", "X-Discourse-Event": event,
        "X-Discourse-Event-Type": kind, "X-Discourse-Event-Id": delivery}
    return Delivery("discourse", headers, json.dumps(payload).encode(), lambda secret, body: {
        "X-Discourse-Event-Signature": f"sha256={digest(secret, body)}"})


#: One of each, by what it's called in tests.
DELIVERIES: Final[Mapping[str, Delivery]] = {
    "github": github(), "github form": github_form(), "forgejo": forgejo(), "gitea": gitea(),
    "gitlab": gitlab(), "discourse": discourse()}
#: The topics of these, without the prefix.
TOPICS: Final[Mapping[str, str]] = {
    "github": "github.issues", "github form": "github.issues", "forgejo": "forgejo.issues",
    "gitea": "forgejo.issues", "gitlab": "gitlab.merge_request", "discourse": "discourse.post.post_created"}
