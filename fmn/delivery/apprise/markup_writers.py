"""Writers of plain text and Markdown. Pure."""

from __future__ import annotations

import re
from typing import Final, Protocol

#: What Markdown takes for more than itself, anywhere or where a line begins. Within a word an underscore is
#: none of that, and chats that know less than Markdown would show the backslash.
_SPECIAL: Final = re.compile(r"[\\`*\[\]<~]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)")
_SPECIAL_IN_FRONT: Final = re.compile(r"^([^\S\n]*\d*)([#>+=|.)-])", re.MULTILINE)
#: What calls everybody in a room, or somebody by their id, if a message says so. Anybody's commit may.
#: Ids are short. With no end to them, a comment of nothing but exclamation marks held up a backend for long.
_MENTION: Final = re.compile(r"[@!](?=(?:everyone|here|channel|all|room)\b|[^|\s]{0,64}>)", re.IGNORECASE)
#: Nobody sees it, and no program takes what it's in for a call.
_ZERO_WIDTH_SPACE: Final = "\u200b"


class MarkupWriter(Protocol):
    """Interface of a writer of lines."""

    def escape(self, text: str) -> str:
        """Escape a text."""

    def link(self, text: str, link: str) -> str:
        """A text with a link."""


class PlainTextWriter:
    """Plain text."""

    def escape(self, text: str) -> str:
        return _MENTION.sub(rf"\g<0>{_ZERO_WIDTH_SPACE}", text)

    def link(self, text: str, link: str) -> str:
        return f"{self.escape(text)}\n{_without_mentions(link)}"


class MarkdownWriter:
    """CommonMark."""

    def escape(self, text: str) -> str:
        escaped = _SPECIAL.sub(r"\\\g<0>", _MENTION.sub(rf"\g<0>{_ZERO_WIDTH_SPACE}", text))
        return _SPECIAL_IN_FRONT.sub(r"\1\\\2", escaped).replace("\n", "  \n")

    def link(self, text: str, link: str) -> str:
        return f"[{self.escape(text)}]({re.sub(r'[()<>]', _percent, _without_mentions(link))})"


def _without_mentions(link: str) -> str:
    # Chats look for calls in links as well, and publishers make these of what people wrote.
    return _MENTION.sub(_percent, link)


def _percent(found: re.Match[str]) -> str:
    return f"%{ord(found[0]):02X}"
