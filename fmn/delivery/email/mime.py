"""Mail on the wire: 7-bit parts and headers, built with the standard library but without its slow paths.

The library parses every header when it's set and again takes it apart to fold it, which costs more than
all the rest of a mail. Ours are plain text that we made, so :class:`WirePolicy` writes the short ASCII
ones as they are and leaves only real work to the library.
"""

from __future__ import annotations

import binascii
import hashlib
import re
import textwrap
from collections.abc import Iterable, Sequence
from email.header import Header
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP, EmailPolicy
from email.utils import formataddr
from functools import cache
from typing import Any, TypeVar

Part = TypeVar("Part", EmailMessage, MIMEPart)

#: Longest line of a header where there is a blank to break it at (RFC 5322 section 2.1.1).
FOLD_AT = 78
#: No line may be longer, blanks or not; without the line end (the same section).
LONGEST_LINE = 998
#: A longer word than this is encoded, because encoded words may be broken anywhere.
_LONGEST_WORD = 900
_UNSAFE_IN_HEADER = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
#: What every mail program takes for the start of an encoded word, so a text with it is encoded as well.
_ENCODED_WORD = "=?"


class Encoded(str):
    """A header's value in the form that it has on the wire, but for being folded."""

    __slots__ = ()


class WirePolicy(EmailPolicy):
    """How our mails are written: CRLF, ASCII only (with ``utf8`` headers in UTF-8), headers folded.

    A header takes one line of text, or an :class:`Encoded` one. Control characters, line ends among
    them, raise :class:`ValueError`, so nothing that anybody wrote on the bus can add a header.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"linesep": "\r\n", "cte_type": "7bit", **settings})

    def header_max_count(self, name: str) -> int | None:
        """How many there may be; the library makes a class each time it's asked."""
        return _most(name.lower())

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        """Keep the text as it is."""
        if _UNSAFE_IN_HEADER.search(value):
            raise ValueError(f"{name}: a header can't hold control characters: {value!r}")
        return name, value

    def header_fetch_parse(self, name: str, value: Any) -> Any:
        """The text as it was set; the library takes it in place of a parsed header."""
        return value

    def fold(self, name: str, value: Any) -> str:
        """The header in its lines, each ended."""
        if not isinstance(value, Encoded) and _needs_encoding(value, utf8=self.utf8):
            return f"{name}: {_encoded_words(value, name)}\r\n"
        if len(name) + 2 + len(value) <= FOLD_AT:
            return f"{name}: {value}\r\n"
        return f"{_folded(name, value)}\r\n"

    def fold_binary(self, name: str, value: Any) -> bytes:
        """The same as bytes."""
        return self.fold(name, value).encode("utf-8" if self.utf8 else "ascii")


@cache
def _most(name: str) -> int | None:
    return SMTP.header_max_count(name)


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


#: The two ways mails are written. UTF-8 headers are for addresses that ASCII can't spell (RFC 6531).
WIRE = WirePolicy()
WIRE_UTF8 = WirePolicy(utf8=True)


def quoted_printable(text: str) -> bytes:
    """The text as a part holds it: quoted-printable, lines ended by CRLF, none longer than 76 bytes."""
    return binascii.b2a_qp(text.replace("\n", "\r\n").encode(), istext=True)


def mailbox(name: str, address: str) -> Encoded:
    """An ASCII address with somebody's name, as in ``From``."""
    if _needs_encoding(name, utf8=False):
        return Encoded(f"{' '.join(_encoded_words(name, 'From').split())} <{address}>")
    return Encoded(formataddr((name, address)))


def compose(
    headers: Iterable[tuple[str, str]], texts: Sequence[str], policy: WirePolicy = WIRE,
) -> EmailMessage:
    """A mail that says the same in plain text and, if there's a second text, preferred, in HTML."""
    mail = EmailMessage(policy)
    for name, value in headers:
        mail[name] = value
    mail["MIME-Version"] = "1.0"
    plain, *rest = texts
    if not rest:
        return _filled(mail, plain, "plain")
    [html] = rest
    # Made from what it separates, so the same mail has the same bytes each time it's sent, and no
    # text can contain its own boundary.
    boundary = hashlib.sha256(f"{plain}\0{html}".encode()).hexdigest()[:32]
    mail["Content-Type"] = f'multipart/alternative; boundary="{boundary}"'
    mail.set_payload([_filled(MIMEPart(policy), plain, "plain"), _filled(MIMEPart(policy), html, "html")])
    return mail


def _filled(part: Part, text: str, subtype: str) -> Part:
    as_it_is = text.isascii() and all(len(line) <= LONGEST_LINE for line in text.split("\n"))
    part["Content-Type"] = f'text/{subtype}; charset="utf-8"'
    part["Content-Transfer-Encoding"] = "7bit" if as_it_is else "quoted-printable"
    part.set_payload(text if as_it_is else quoted_printable(text).decode("ascii"))
    return part
