"""Queries to NickServ, and parsing of its answers. Pure.

Atheme, as on Libera.Chat, answers ``ACC alice`` with ``alice ACC 3``, Anope answers ``STATUS alice`` with
``STATUS alice 3 alice``. The number means the same: 3 is who has identified as the owner of the nick.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final, Literal, NamedTuple

from fmn.delivery.irc.nicks import folded

OwnershipCommand = Literal["acc", "status"]


class NickStatus(Enum):
    """Status of a nick's user by NickServ."""

    OWNER = "identified as its owner"
    STRANGER = "not identified as its owner"
    #: Nobody uses the nick, or nobody owns it: some services say the same of both.
    NOBODY = "nobody, or nobody's"


class NickServReply(NamedTuple):
    """NickServ's answer about a nick; ``nick`` is folded."""

    nick: str
    nick_status: NickStatus


_LEVELS: Final = {
    "0": NickStatus.NOBODY, "1": NickStatus.STRANGER, "2": NickStatus.STRANGER, "3": NickStatus.OWNER,
}
_ANSWERS: Final[dict[OwnershipCommand, re.Pattern[str]]] = {
    "acc": re.compile(r"(?P<nick>\S+)(?: -> \S+)? ACC (?P<level>[0-3])(?: .*)?"),
    "status": re.compile(r"STATUS (?P<nick>\S+) (?P<level>[0-3])(?: .*)?"),
}
#: Bold, colours and the like, which some services put around what they emphasise.
_FORMATTING: Final = re.compile(r"\x03(?:\d{1,2}(?:,\d{1,2})?)?|[\x00-\x1f]")


def ownership_query(ownership: OwnershipCommand, nick: str) -> str:
    """The query whether a nick is used by its owner."""
    return f"{ownership.upper()} {nick}"


def parse_nickserv_reply(ownership: OwnershipCommand, text: str) -> NickServReply | None:
    """Parse a line of NickServ, ``None`` if it isn't an answer about a nick."""
    found = _ANSWERS[ownership].fullmatch(_FORMATTING.sub("", text).strip())
    return NickServReply(folded(found["nick"]), _LEVELS[found["level"]]) if found else None
