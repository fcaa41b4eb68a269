"""Reasons why a delivery waits, failed or was dropped: a code, a sentence and a metric label for each.

``deliveries.reason`` holds the sentence, which the recipient reads; :meth:`Reason.of` finds its code again.
Code compares codes, never sentences.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from typing import Final, Self

from fmn.channels import channel_types
from fmn.translations import SOURCE_LANGUAGE, current_language, gettext, mark


class Reason(StrEnum):
    """A reason. Its value is the code; ``label`` is what metrics call it.

    Rows keep the sentence with which they were written. So a sentence that changes has to remain known to
    :meth:`of`, for old rows and for the previous version, which runs beside this one during an upgrade.
    """

    # Why a delivery waits.
    DELAYED = "delayed", mark("unless it recovers before")
    QUIET_HOURS = "quiet_hours", mark("quiet hours began before it could be sent")
    PAUSED = "paused", mark("notifications were paused before it could be sent")
    # Why a delivery was dropped.
    NO_ADDRESS = "no_address", mark("no confirmed address")
    SWITCHED_OFF = "switched_off", mark("switched off before it could be sent")
    ADDRESS_REMOVED = "address_removed", mark(
        "the address was removed or switched off before it could be sent")
    MESSAGE_DELETED = "message_deleted", mark("the message was deleted before it could be sent")
    CONFIRMED_ALREADY = "confirmed_already", mark("the address was confirmed before it could be sent")
    RECOVERED = "recovered", mark("recovered before it was sent")
    FAILURE_NOT_SENT = "failure_not_sent", mark("the failure wasn't sent either")
    DISCARDED = "discarded", mark("given up by an administrator")
    # Why a delivery failed, besides failed attempts.
    IN_DOUBT = "in_doubt", mark("waited when the backup was made, and may have been sent since")
    BOUNCED = "bounced", mark("it came back")
    # Why an attempt failed. The channel's own sentence, with the other side's answer, is what the row holds.
    REFUSED = "refused", mark("the other side refused it")
    TOO_LARGE = "too_large", mark("it's too large")
    NOT_ALLOWED = "not_allowed", mark("nothing is sent there")
    BAD_ADDRESS = "bad_address", mark("nothing can be sent to such an address")
    ADDRESS_GONE = "address_gone", mark("there's no such address")
    RECIPIENT_OFFLINE = "recipient_offline", mark("the recipient isn't online"), "not there"
    CHANNEL_DOWN = "channel_down", mark("nothing can be sent through this channel now")
    CONNECTION_FAILED = "connection_failed", mark("the connection failed")
    CONNECTION_LOST = "connection_lost", mark("the connection was lost"), "hung up"
    TIMED_OUT = "timed_out", mark("it didn't answer in time")
    COOLDOWN = "cooldown", mark("it didn't answer in time before, or asked to be left alone"), "silent"
    BUSY = "busy", mark("too much else has to be sent now")
    TOO_LATE = "too_late", mark("there was no time left")
    UNCONFIRMED = "unconfirmed", mark("it may have arrived, but isn't sure to")
    INTERNAL_ERROR = "internal_error", mark("internal error")

    sentence: str
    label: str

    def __new__(cls, code: str, sentence: str, label: str = "") -> Self:
        """Make a member of its code, its sentence, and a label that isn't the code's words."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.sentence = sentence
        member.label = label or code.replace("_", " ")
        return member

    def with_detail(self, detail: str) -> str:
        """The sentence and what somebody else said; :meth:`of` knows it, too."""
        return f"{self.sentence}{_BEFORE_DETAIL}{detail}"

    @classmethod
    def of(cls, text: str) -> Reason | None:
        """The reason that a row's text states; ``None`` for a channel's own words, and if there is none."""
        found = _BY_SENTENCE.get(text)
        return found or _BY_SENTENCE.get(text.partition(_BEFORE_DETAIL)[0])



def reason_text(text: str) -> str:
    """A row's reason in the reader's language. What other servers say about it stays as it is."""
    if current_language() == SOURCE_LANGUAGE:
        return text
    reason = Reason.of(text)
    if reason is None:
        return _failure_text(text)
    detail = text.removeprefix(reason.sentence).removeprefix(_BEFORE_DETAIL)
    return f"{gettext(reason.sentence)}{_BEFORE_DETAIL if detail else ''}{reason_text(detail)}"


def _failure_text(text: str) -> str:
    """A sentence of a channel, or about an address, with what was filled in; other texts as they are."""
    for pattern, sentence in _failure_patterns():
        if found := pattern.fullmatch(text):
            return gettext(sentence).format(**{
                name: reason_text(value) for name, value in found.groupdict().items()})
    return text


@cache
def _failure_patterns() -> Sequence[tuple[re.Pattern[str], str]]:
    """Patterns of all sentences, those with the most words of their own first."""
    known = {*OF_ADDRESSES, *(each for about in channel_types().values() for each in about.failures)}
    return [(_pattern(each), each) for each in sorted(
        known, key=lambda each: (-len(_PLACEHOLDER.sub("", each)), each))]


def _pattern(sentence: str) -> re.Pattern[str]:
    # Every second part is the name of a placeholder.
    parts = enumerate(_PLACEHOLDER.split(sentence))
    return re.compile("".join(
        f"(?P<{part}>.+)" if number % 2 else re.escape(part) for number, part in parts), re.DOTALL)


#: Why an address was switched off.
REFUSED_IN_A_ROW: Final = mark(
    "{number} deliveries in a row were refused, the last one like this: {reason}")
CAME_BACK: Final = mark("what was sent there came back: {reason}")
CAME_BACK_ON_DAYS: Final = mark("on {number} days what was sent there came back: {reason}")
OF_ADDRESSES: Final = (REFUSED_IN_A_ROW, CAME_BACK, CAME_BACK_ON_DAYS)
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
_BEFORE_DETAIL: Final = ": "
_BY_SENTENCE: Final = {reason.sentence: reason for reason in Reason}
#: Deliveries with one of these haven't failed: they only wait for their time.
POSTPONING: Final = (Reason.DELAYED, Reason.QUIET_HOURS, Reason.PAUSED)
#: Texts of waiting deliveries of which no attempt has failed last.
NO_FAILURE: Final = ("", *(reason.sentence for reason in POSTPONING))
