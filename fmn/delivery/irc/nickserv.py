"""What is asked of a network's services, and what their answers mean. Pure.

Atheme, as on Libera.Chat, answers ``ACC alice`` with ``alice ACC 3``, Anope answers ``STATUS alice`` with
``STATUS alice 3 alice``. The number means the same: 3 is who has identified as the owner of the nick.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final, Literal, NamedTuple

from fmn.delivery.irc.nicks import folded

Ownership = Literal["acc", "status"]


class Standing(Enum):
    """What services know of whoever uses a nick."""

    OWNER = "identified as its owner"
    STRANGER = "not identified as its owner"
    #: Nobody uses the nick, or nobody owns it: some services say the same of both.
    NOBODY = "nobody, or nobody's"


class Answer(NamedTuple):
    """That somebody has this standing; ``nick`` is folded."""

    nick: str
    standing: Standing


_LEVELS: Final = {
    "0": Standing.NOBODY, "1": Standing.STRANGER, "2": Standing.STRANGER, "3": Standing.OWNER,
}
_ANSWERS: Final[dict[Ownership, re.Pattern[str]]] = {
    "acc": re.compile(r"(?P<nick>\S+)(?: -> \S+)? ACC (?P<level>[0-3])(?: .*)?"),
    "status": re.compile(r"STATUS (?P<nick>\S+) (?P<level>[0-3])(?: .*)?"),
}
#: Bold, colours and the like, which some services put around what they emphasise.
_FORMATTING: Final = re.compile(r"\x03(?:\d{1,2}(?:,\d{1,2})?)?|[\x00-\x1f]")


def question(ownership: Ownership, nick: str) -> str:
    """How services are asked whether a nick is used by its owner."""
    return f"{ownership.upper()} {nick}"


def read_answer(ownership: Ownership, text: str) -> Answer | None:
    """The answer in what services said, ``None`` if it's something else that they said."""
    found = _ANSWERS[ownership].fullmatch(_FORMATTING.sub("", text).strip())
    return Answer(folded(found["nick"]), _LEVELS[found["level"]]) if found else None
