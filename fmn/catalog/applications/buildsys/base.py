"""What Koji's messages have in common: the instance that sent them, and its pages."""

from __future__ import annotations

from collections.abc import Mapping

from fmn.catalog.accounts_in_messages import avatar, person
from fmn.catalog.builds import build_name
from fmn.catalog.events import EventType
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page

#: Koji's instances other than the primary one are for one architecture each.
SECONDARY_INSTANCES = frozenset({"arm", "ppc", "s390"})


def web(m: MessageReader) -> str:
    """The address of the web pages of the Koji that sent a message, ``""`` for one we don't know.

    Newer messages name it.
    """
    if named := m.text("base_url"):
        return f"{named.rstrip('/')}/koji"
    instance = m.text("instance") or "primary"
    if m.environment == "stg":
        return "https://koji.stg.fedoraproject.org/koji"
    if instance == "primary":
        return "https://koji.fedoraproject.org/koji"
    return f"https://{instance}.koji.fedoraproject.org/koji" if instance in SECONDARY_INSTANCES else ""


def koji_page(m: MessageReader, name: str, **query: str) -> str:
    """A page of that Koji, its first one if we can't say which.

    Of an instance that we don't know it's the page that the message names, as newer ones do.
    """
    root = web(m)
    return page(root, name, **query) if root else m.text("url") or m.text("info", "url")


class Koji(EventType):
    """Anything from Koji."""

    def agent(self, m: MessageReader) -> str | None:
        return person(m, "owner") or None

    def link(self, m: MessageReader) -> str:
        return web(m)

    def secondary_icon(self, m: MessageReader) -> str:
        owner = person(m, "owner")
        return avatar(owner) if owner else self.application.icon

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        instance = m.text("instance")
        return {
            **super().template_values(m),
            "owner": person(m, "owner") or "Somebody",
            "build": build_name(m) or "a build",
            "tag": m.text("tag") or "a tag",
            "where": "" if instance in {"", "primary"} else f" on the {instance} Koji",
        }
