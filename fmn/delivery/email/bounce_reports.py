"""Parser of mails to a return address: bounces, for good or for now, and others.

The form of such reports is RFC 3464's; what mail servers write that never took to it knows flufl.bounce.
"""

from __future__ import annotations

import email
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.iterators import body_line_iterator
from email.message import Message
from enum import StrEnum
from itertools import islice
from typing import Final

from flufl.bounce import all_failures

from fmn.delivery.email.enhanced_status import means_address_gone, parse_enhanced_status
from fmn.text import shorten

#: Bytes that are looked at. A report stands before the mail that it brings back.
LONGEST: Final = 100_000
#: Lines that are searched for an answer in what has no form, and characters that are kept of it.
_MOST_LINES: Final = 200
_LONGEST_REASON: Final = 300

_REPORTS: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})
#: Before an answer stands whose it is: ``smtp; 550 …``.
_WHOSE: Final = re.compile(r"\s*[\w-]+\s*;\s*")
_BLANK_LINE: Final = re.compile(r"\n[ \t]*\n")
#: An answer somewhere in a line, as in ``<dave@example.org>: host mx said: 550 5.1.1 Unknown user``.
_ANSWER: Final = re.compile(r"(?<![\w.-])[45]\d\d[ -]\S.*|(?<![\w.-])#?[45]\.\d{1,3}\.\d{1,3}\b.*")
#: It logs a traceback for each of its detectors that stumbles over a mail, and anybody can write one.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)


class BounceVerdict(StrEnum):
    """Verdict on a returned mail."""

    #: The address will never work.
    GONE = "gone"
    #: This mail didn't get there.
    FAILED = "failed"
    #: Nothing: it's being tried still, or isn't about our mail, or nobody can tell.
    NOTHING = "nothing"


@dataclass(frozen=True)
class BounceReport:
    """Verdict on a returned mail; ``reason`` is the mail server's text."""

    verdict: BounceVerdict
    reason: str


def parse_bounce(content: bytes) -> BounceReport:
    """Parse a returned mail; never raises for what's in it."""
    try:
        return _read(email.message_from_bytes(content[:LONGEST]))
    except Exception as error:  # noqa: BLE001 - anybody can write anything, and parsers weren't made for that
        return BounceReport(BounceVerdict.NOTHING, f"it can't be read: {type(error).__name__}")


def _read(message: Message) -> BounceReport:
    blocks = list(_blocks(message))
    if not blocks:
        return _read_formless(message)
    reports = [report for block in blocks if (report := _about_recipient(block)) is not None]
    worst = sorted(reports, key=lambda report: list(BounceVerdict).index(report.verdict))
    return worst[0] if worst else BounceReport(BounceVerdict.NOTHING, "it's about no recipient")


def _blocks(message: Message) -> Iterator[Message]:
    """Field groups of a delivery status report (RFC 3464): one for the mail, one for each recipient."""
    for part in message.walk():
        payload = part.get_payload()
        if part.get_content_type() not in _REPORTS or not isinstance(payload, list):
            continue
        for block in payload:
            assert isinstance(block, Message)
            yield block
            # The library takes the younger form of reports for a mail: the first group for its header.
            rest = block.get_payload()
            yield from map(
                email.message_from_string, _BLANK_LINE.split(rest) if isinstance(rest, str) else [])


def _about_recipient(block: Message) -> BounceReport | None:
    action, status = (shorten(str(block.get(field, ""))) for field in ("Action", "Status"))
    if not action:
        return None
    answer = _WHOSE.sub("", str(block.get("Diagnostic-Code", "")), count=1)
    reason = shorten(answer or status or action, _LONGEST_REASON)
    if action.split()[0].lower() != "failed":
        return BounceReport(BounceVerdict.NOTHING, f"it's {action}: {reason}")
    is_gone = means_address_gone(reason, parse_enhanced_status(status))
    return BounceReport(BounceVerdict.GONE if is_gone else BounceVerdict.FAILED, reason)


def _read_formless(message: Message) -> BounceReport:
    _, failed = all_failures(message)
    if not failed:
        return BounceReport(BounceVerdict.NOTHING, "it's no report that a mail couldn't be delivered")
    answer = _answer_in(message)
    is_gone = means_address_gone(answer)
    return BounceReport(
        BounceVerdict.GONE if is_gone else BounceVerdict.FAILED, answer or "the mail server didn't say why")


def _answer_in(message: Message) -> str:
    for line in islice(body_line_iterator(message), _MOST_LINES):
        found = _ANSWER.search(line)
        if found is not None:
            return shorten(found[0], _LONGEST_REASON)
    return ""
