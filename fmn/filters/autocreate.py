"""Accounts that make themselves: whoever becomes a packager, say, hears of it without asking for it."""

from __future__ import annotations

from fmn.catalog import Facts, Node
from fmn.people.usernames import is_nick
from fmn.settings import AutocreateSettings


def newcomers(facts: Facts, settings: AutocreateSettings) -> frozenset[str]:
    """The people for whom this message makes an account, if they have none."""
    if facts.event.name not in settings.events:
        return frozenset()
    body = Node(facts.message.body)
    group = body.text("group")
    if group and group not in settings.groups:
        return frozenset()
    named = body.text("user", "username") or body.text("user")
    people = {named} if named else facts.usernames - {facts.agent or ""}
    return frozenset(filter(is_nick, people))
