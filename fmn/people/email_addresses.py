"""E-mail addresses: parsing of the forms that mail servers accept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import idna

from fmn.errors import UserError

#: A dot-atom of RFC 5322, and beyond ASCII anything that's a letter, digit or mark (RFC 6531). Quoted
#: local parts exist on paper only.
_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?|[A-Za-z0-9_]+")
#: Octets, from RFC 5321 section 4.5.3.1 and its erratum 1690.
_LONGEST_LOCAL = 64
_LONGEST_ADDRESS = 254
_LONGEST_LABEL = 63
#: Domains that are kept as they were checked: many people have their addresses at few of them.
_KNOWN_DOMAINS = 1024
#: Texts of errors.
TOO_LONG = "is longer than an e-mail address may be"
BAD_DOMAIN = "has a domain that can't exist"


class EmailAddressError(UserError):
    """A text that can't be an e-mail address. Its message says why, to be read after the address."""


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """A valid e-mail address. ``domain`` is ASCII; ``local`` may need UTF-8 in SMTP and headers."""

    local: str
    domain: str

    @property
    def needs_utf8(self) -> bool:
        """Whether the server needs SMTPUTF8 for it."""
        return not self.local.isascii()

    @property
    def normalized(self) -> str:
        """The stored form, with the domain in lower case."""
        return f"{self.local}@{self.domain.lower()}"

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


def parse_email_address(text: str) -> EmailAddress:
    """Parse an address that a person typed. Raises :class:`EmailAddressError`."""
    local, at, domain = text.rpartition("@")
    if not at or not _LOCAL.fullmatch(local):
        raise EmailAddressError("isn't an e-mail address")
    if _octets(local) > _LONGEST_LOCAL or _octets(text) > _LONGEST_ADDRESS:
        raise EmailAddressError(TOO_LONG)
    return EmailAddress(local, _ascii_domain(domain))


def _octets(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


@lru_cache(_KNOWN_DOMAINS)
def _ascii_domain(domain: str) -> str:
    try:
        name = domain if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")
    except UnicodeError as error:  # the family that idna's errors belong to
        raise EmailAddressError(BAD_DOMAIN) from error
    labels = name.split(".")
    if len(name) > _LONGEST_ADDRESS or not all(
            _LABEL.fullmatch(label) and len(label) <= _LONGEST_LABEL for label in labels):
        raise EmailAddressError(BAD_DOMAIN)
    return name
