"""Drops secrets of webhooks from message bodies before anything is stored.

Publishers of webhooks put the HTTP request's headers beside its JSON: ``{"body": …, "headers":
{"authorization": "Bearer …"}, …}``. Whoever reads the ledger, an export or a notification mustn't learn them.
Of a webhook only headers known to be harmless stay; of other bodies with headers, such as Bugzilla's, all but
those that are named like secrets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

#: Keys of the request's headers beside the keys of its JSON.
HEADERS_BESIDE: Final = {"headers": "body", "webhook_headers": "webhook_body"}

_FORGES: Final = ("github", "gitea", "gogs", "forgejo")

#: Headers that may stay, in lower case: which event it is, of which delivery, and who sent it.
HARMLESS: Final = frozenset({
    "content-type",
    "user-agent",
    *(f"x-{forge}-{what}" for forge in _FORGES for what in ("event", "event-type", "delivery")),
    "x-github-hook-id",
    "x-github-hook-installation-target-id",
    "x-github-hook-installation-target-type",
    "x-gitlab-event",
    "x-gitlab-event-uuid",
    "x-gitlab-instance",
    "x-gitlab-webhook-uuid",
    "x-discourse-event",
    "x-discourse-event-id",
    "x-discourse-event-type",
    "x-discourse-instance",
})

#: Names of headers that look like secrets.
_SECRET: Final = re.compile(
    r"auth|cookie|token|secret|signature|passw|credential|api-?key|session", re.IGNORECASE)

#: Characters of a header's name and value that stay; longer ones aren't what they say.
MAX_NAME: Final = 100
MAX_VALUE: Final = 500

#: Old versions of Gitea repeat the webhook's secret in its JSON.
GITEA_KEY: Final = "secret"


def without_secrets(body: Any) -> Any:
    """The body without headers that may be secret, and without a webhook's secret in its JSON.

    A body without headers is returned as it is, others as a copy. Pure, and bounded by the body's size.
    """
    if not isinstance(body, dict) or HEADERS_BESIDE.keys().isdisjoint(body):
        return body
    cleaned = dict(body)
    for key, beside in HEADERS_BESIDE.items():
        if key not in body:
            continue
        if beside in body:
            cleaned[key] = dict(_harmless(body[key]))
            cleaned[beside] = _without_secret(body[beside])
        else:
            cleaned[key] = _unsuspicious(body[key])
    return cleaned


def _harmless(headers: Any) -> Iterator[tuple[str, str]]:
    """The headers that may stay, each once, however its name is written."""
    left = set(HARMLESS)
    for name, value in headers.items() if isinstance(headers, Mapping) else ():
        lower = name.lower()[:MAX_NAME]
        if lower in left and isinstance(value, str) and len(value) <= MAX_VALUE:
            left.discard(lower)
            yield name, value


def _unsuspicious(headers: Any) -> Any:
    if not isinstance(headers, Mapping):
        return {}
    return {name: value for name, value in headers.items() if not _SECRET.search(name)}


def _without_secret(payload: Any) -> Any:
    if not isinstance(payload, dict) or GITEA_KEY not in payload:
        return payload
    return {key: value for key, value in payload.items() if key != GITEA_KEY}
