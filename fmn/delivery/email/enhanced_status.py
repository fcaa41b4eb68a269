"""Enhanced status codes (RFC 3463) and usual texts in answers about an address.

Most of what is refused for good is no fault of the address: the mail looks like spam, is too large, the
sender isn't welcome. Whoever took that for a bad address would soon write to nobody. So an address only
counts as gone if somebody says just that.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

#: Subject and detail of the statuses (5.x.x) by which nothing can ever be delivered to the address: unknown
#: there (Exchange says 5.1.10, which for RFC 7505 is a domain that takes no mail), unknown domain, not an
#: address at all, moved, switched off, and a domain that nothing leads to.
GONE: Final = frozenset({(1, 0), (1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (2, 1), (4, 4)})
#: Those that say nothing but "no".
_VAGUE: Final = frozenset({(0, 0), (5, 0)})
_PERMANENT: Final = 5

#: The code of RFC 5321 and the status that an answer begins with; either may be missing.
_BEGINNING: Final = re.compile(r"\s*(?:(?P<code>[2-5])\d\d[ -])?\s*#?(?P<status>[245]\.\d{1,3}\.\d{1,3}\b)?")
_STATUS: Final = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})\b")
#: What servers write that know no statuses, or give vague ones.
_WORDS: Final = re.compile(
    r"""
    \b(?:unknown|no\ such|invalid)\ (?:\w+\ )?(?:user|recipient|mailbox|account|address)\b
    |\b(?:user|recipient|mailbox|account|address)\ (?:is\ )?(?:unknown|invalid|disabled|not\ found)\b
    |\b(?:user|recipient|mailbox|account|address)\ (?:does\ not|doesn['’]t)\ exist\b
    |\bno\ (?:mailbox|user)\ (?:here\ )?by\ that\ name\b
    """, re.IGNORECASE | re.VERBOSE)


class EnhancedStatus(NamedTuple):
    """An enhanced status code of RFC 3463."""

    kind: int
    subject: int
    detail: int

    @property
    def is_vague(self) -> bool:
        """Whether the status says no more than "permanent" or "temporary"."""
        return (self.subject, self.detail) in _VAGUE


def parse_enhanced_status(text: str) -> EnhancedStatus | None:
    """Parse the status at the beginning of a text."""
    found = _STATUS.match(text)
    return EnhancedStatus(*map(int, found.groups())) if found else None


def means_address_gone(answer: str, status: EnhancedStatus | None = None) -> bool:
    """Whether an answer, such as ``550 5.1.1 Unknown user``, says that nothing can reach the address.

    ``status`` is what a report gives besides the answer; what is vague in one the other may make clear.
    """
    beginning = _BEGINNING.match(answer)
    assert beginning is not None, "it matches nothing as well"
    known = [each for each in (status, parse_enhanced_status(beginning["status"] or "")) if each is not None]
    for each in known:
        if not each.is_vague:
            return each.kind == _PERMANENT and (each.subject, each.detail) in GONE
    kinds = [each.kind for each in known] or [int(beginning["code"] or 0)]
    return kinds[0] == _PERMANENT and _WORDS.search(answer) is not None
