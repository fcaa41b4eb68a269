"""Usernames: which names an account can have."""

from __future__ import annotations

import re
from typing import Final

#: Messages name all kinds of things: groups ("@python"), people as they are called elsewhere. Lists in
#: rules' arguments separate names by commas and white space.
_NICK: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}")


def is_username(text: str) -> bool:
    """Whether an account can have this name."""
    return _NICK.fullmatch(text) is not None
