"""MIME encoding: 7-bit parts and headers.

The library's messages parse every header when it's set, take it apart again to fold it, and write line by
line, which costs more than all the rest of a mail. Ours are plain text that we made, so they're written at
once, and only encoding what isn't ASCII is left to the library.
"""

from __future__ import annotations

import binascii
import hashlib
import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.header import Header
from email.utils import formataddr
from functools import cached_property
from typing import Final

#: Longest line of a header where there is a blank to break it at (RFC 5322 section 2.1.1).
FOLD_AT: Final = 78
#: No line may be longer, blanks or not; without the line end (the same section).
LONGEST_LINE: Final = 998
#: A longer word than this is encoded, because encoded words may be broken anywhere.
_LONGEST_WORD: Final = 900
_UNSAFE_IN_HEADER: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
#: What every mail program takes for the start of an encoded word, so a text with it is encoded as well.
_ENCODED_WORD: Final = "=?"


class Encoded(str):
    """A header's encoded value, not folded yet."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Entity:
    """A MIME entity: a mail or a part of one. Its lines end with CRLF."""

    headers: str
    content: bytes

    def as_bytes(self) -> bytes:
        """As it is on the wire. Headers are ASCII but in mails with addresses that need UTF-8."""
        return self.headers.encode() + b"\r\n" + self.content

    def within(
        self, headers: Iterable[tuple[str, str]], *, utf8: bool = False, first: str = "",
    ) -> Entity:
        """The same as a whole mail, with these headers before its own; ``first`` those that are written."""
        return Entity(
            f"{first}{written(headers, utf8=utf8)}MIME-Version: 1.0\r\n{self.headers}", self.content)


class Block:
    """Lines of a text with their encoding, which is made once.

    That's worth to be kept for what many mails say; the same lines are the same there wherever they stand.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        safe = text.isascii() and "\r" not in text and (
            len(text) <= LONGEST_LINE or max(map(len, text.split("\n"))) <= LONGEST_LINE)
        #: The lines as they are, ``None`` if only :attr:`quoted` is safe.
        self.plain = text.replace("\n", "\r\n").encode("ascii") if safe else None

    @cached_property
    def quoted(self) -> bytes:
        """The lines in quoted-printable."""
        return quoted_printable(self.text)


#: A text in its blocks.
Text = Sequence[Block]


def written(headers: Iterable[tuple[str, str]], *, utf8: bool = False) -> str:
    """Encode headers."""
    return "".join([header(name, value, utf8=utf8) for name, value in headers])


def header(name: str, value: str, *, utf8: bool = False) -> str:
    """Encode and fold a header; ASCII only unless ``utf8``.

    The value is one line of text, or an :class:`Encoded` one. Control characters, line ends among them,
    raise :class:`ValueError`, so nothing that anybody wrote on the bus can add a header.
    """
    if _UNSAFE_IN_HEADER.search(value):
        raise ValueError(f"{name}: a header can't hold control characters: {value!r}")
    if not isinstance(value, Encoded) and _needs_encoding(value, utf8=utf8):
        return f"{name}: {_encoded_words(value, name)}\r\n"
    if len(name) + 2 + len(value) <= FOLD_AT or " " not in value:
        return f"{name}: {value}\r\n"
    return f"{_folded(name, value)}\r\n"


def _needs_encoding(text: str, *, utf8: bool) -> bool:
    too_long = len(text) > _LONGEST_WORD and any(len(word) > _LONGEST_WORD for word in text.split())
    return too_long or _ENCODED_WORD in text or not (utf8 or text.isascii())


def _encoded_words(text: str, header: str) -> str:
    # The newer API of the library decodes what looks like an encoded word in a text before it writes
    # it, line ends included, which lets a text smuggle in headers (CVE-2024-6923); this one doesn't look.
    return Header(text, "utf-8", header_name=header).encode(linesep="\r\n")


def _folded(name: str, text: str) -> str:
    return "\r\n".join(textwrap.wrap(
        text, FOLD_AT, initial_indent=f"{name}: ", subsequent_indent=" ",
        break_long_words=False, break_on_hyphens=False))


def quoted_printable(text: str) -> bytes:
    """Encode a text as quoted-printable: lines end with CRLF, and have at most 76 bytes."""
    return binascii.b2a_qp(text.encode(), istext=True).replace(b"\n", b"\r\n")


def encoded_size(texts: Iterable[str]) -> int:
    """Size in bytes of texts in quoted-printable."""
    return sum(len(quoted_printable(text)) for text in texts)


def mailbox(name: str, address: str) -> Encoded:
    """An ASCII address with somebody's name, as in ``From``."""
    if _needs_encoding(name, utf8=False):
        return Encoded(f"{' '.join(_encoded_words(name, 'From').split())} <{address}>")
    return Encoded(formataddr((name, address)))


def alternatives(texts: Iterable[str]) -> Entity:
    """A ``multipart/alternative`` of plain text and HTML, or plain text alone."""
    return alternatives_of([[Block(text)] for text in texts])


def alternatives_of(texts: Sequence[Text]) -> Entity:
    """The same from texts in blocks."""
    parts = [_part(text, subtype) for text, subtype in zip(texts, ("plain", "html"), strict=False)]
    return parts[0] if len(parts) == 1 else multipart("alternative", parts)


def text_part(text: str, subtype: str) -> Entity:
    """A text part: 7-bit if that's possible, else quoted-printable."""
    return _part([Block(text)], subtype)


def _part(text: Text, subtype: str) -> Entity:
    plain = [block.plain for block in text if block.plain is not None]
    as_it_is = len(plain) == len(text)
    content = b"".join(plain if as_it_is else [block.quoted for block in text])
    encoding = "7bit" if as_it_is else "quoted-printable"
    kind = f'text/{subtype}; charset="utf-8"'
    return Entity(f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n", content)


def multipart(subtype: str, parts: Iterable[Entity]) -> Entity:
    """A multipart entity."""
    written = [part.as_bytes() for part in parts]
    # Made from what it separates, so the same mail has the same bytes each time it's sent, and no text can
    # contain its own boundary.
    boundary = hashlib.sha256(b"\0".join(written)).hexdigest()[:32]
    opening = f"--{boundary}\r\n".encode()
    content = b"\r\n".join([*(opening + part for part in written), f"--{boundary}--\r\n".encode()])
    return Entity(f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n', content)
