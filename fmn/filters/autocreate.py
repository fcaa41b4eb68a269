"""Accounts that make themselves: whoever becomes a packager, say, hears of it without asking for it."""

from __future__ import annotations

import re
from typing import Final

from fmn.catalog import Facts, Node
from fmn.settings import AutocreateSettings

#: What an account may be called. Messages name all kinds of things: groups ("@python"), people as they
#: are called elsewhere. Lists in rules' arguments separate names by commas and white space.
_NICK: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}")


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
    return frozenset(filter(_NICK.fullmatch, people))
