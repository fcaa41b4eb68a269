"""Usernames: which names an account can have."""

from __future__ import annotations

import re
from typing import Final

from fmn.directory.snapshot import GROUP_MARK

#: Messages name all kinds of things: groups ("@python"), people as they are called elsewhere. Lists in
#: rules' arguments separate names by commas and white space.
_NICK: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}")


def is_username(text: str) -> bool:
    """Whether an account can have this name."""
    return _NICK.fullmatch(text) is not None


def group_nick(group: str) -> str:
    """Username of the account that a group's filters belong to. Nobody can sign in with it."""
    return GROUP_MARK + group


def group_of(nick: str) -> str | None:
    """The group whose account has this username; ``None`` for a person's."""
    return nick.removeprefix(GROUP_MARK) if nick.startswith(GROUP_MARK) else None
