"""What Discourse's messages have in common: an installation, and who did something there.

Its webhooks are on the bus as ``{"webhook_body": …, "webhook_headers": …}``, and from webhooks that somebody
set up here as well. The names of those who write there are accounts, unless the webhook says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from fmn.catalog.accounts_in_messages import mentions, person
from fmn.catalog.events import EventType
from fmn.catalog.forges import host_of
from fmn.catalog.message_reader import JsonNode, MessageReader

#: Name of the header with the installation's address.
INSTANCE: Final = "x-discourse-instance"
#: Key beside the webhook's JSON, which is ``False`` if names there are nobody's accounts here.
LOGINS_ARE_ACCOUNTS: Final = "logins_are_accounts"


class Discourse(EventType):
    """Anything from Discourse."""

    def agent(self, m: MessageReader) -> str | None:
        return (m.text("agent") or self.doer(m) or None) if names_accounts(m) else None

    def doer(self, m: MessageReader) -> str:
        """Who did it, as the payload says."""
        return ""

    def concerned(self, m: MessageReader) -> Iterable[str]:
        """Whom it concerns besides."""
        return ()

    def texts(self, m: MessageReader) -> Iterable[str]:
        """What somebody wrote, which may mention people."""
        return ()

    def usernames(self, m: MessageReader) -> Iterator[str | None]:
        if not names_accounts(m):
            return
        yield self.agent(m)
        yield from self.concerned(m)
        for text in self.texts(m):
            yield from mentions(text)

    def link(self, m: MessageReader) -> str:
        return instance(m)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        who = self.agent(m) or self.doer(m) or "Somebody"
        return {**super().template_values(m), "who": who, "place": host_of(instance(m)) or "a forum"}


def names_accounts(m: MessageReader) -> bool:
    """Whether its names are accounts here. A webhook that somebody set up here says so if they aren't."""
    return m.value(LOGINS_ARE_ACCOUNTS) is not False


def sent(m: MessageReader) -> JsonNode:
    """The webhook's JSON."""
    return m.at("webhook_body") if m.keys("webhook_body") else m.at("body")


def instance(m: MessageReader) -> str:
    """The address of the Discourse that sent a message; ``""`` if it isn't known."""
    headers = m.at("webhook_headers") if m.keys("webhook_headers") else m.at("headers")
    names = headers.keys()
    found = (headers.text(name) for name in names if name.lower() == INSTANCE)
    return next(found, "").rstrip("/")


def user(node: JsonNode, *path: str | int) -> str:
    """The name of a person at ``path``."""
    return node.text(*path, "username") or person(node, *path)


def webhook(kind: str, event: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Body of an example: what Discourse sends of an event."""
    return {
        "webhook_body": {kind: dict(content)},
        "webhook_headers": {
            "X-Discourse-Instance": "https://discussion.fedoraproject.org", "X-Discourse-Event": event,
            "X-Discourse-Event-Type": kind, "X-Discourse-Event-Id": "158765"},
    }
