"""Errors of deliveries from IRC numerics and lost connections. Pure."""

from __future__ import annotations

from typing import Final

from fmn.delivery.contract import DeliveryError
from fmn.delivery.irc import failures
from fmn.ledger.reasons import Reason
from fmn.text import shorten

#: Characters of what a server says that are kept as the reason.
_LONGEST_REASON: Final = 300
#: Nobody uses the nick (401), or nobody any more (406).
GONE: Final = frozenset({"401", "406"})
#: The server is busy, or has enough of us for the moment; and what isn't the recipient's doing: that it
#: doesn't know us as identified (486, 477).
_LATER: Final = frozenset({"263", "439", "477", "486", "707"})
#: What isn't an error by its number and means that a line wasn't passed on: the recipient only hears whom
#: they accept.
_NOT_PASSED_ON: Final = frozenset({"716"})
_ERRORS: Final = range(400, 600)


class NickOfflineError(DeliveryError):
    """The owner of a nick is offline. The channel decides whether to try again."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, permanent=False, code=Reason.RECIPIENT_OFFLINE)


def is_error_numeric(code: str) -> bool:
    """Whether a numeric says that a line to a nick wasn't passed on."""
    return code in _NOT_PASSED_ON or code in _LATER or (code.isdigit() and int(code) in _ERRORS)


def numeric_error(nick: str, code: str, text: str) -> DeliveryError:
    """The error for a numeric that refuses a line."""
    if code in GONE:
        return NickOfflineError(failures.OFFLINE.format(nick=nick))
    return DeliveryError(
        failures.REFUSED.format(answer=error_text(f"{code} {text}")), permanent=code not in _LATER)


def unconfirmed_error(reason: str) -> DeliveryError:
    """The error for lines that the server didn't acknowledge: some may have arrived."""
    return DeliveryError(
        failures.UNCONFIRMED.format(reason=reason), permanent=False, code=Reason.UNCONFIRMED)


def busy_error() -> DeliveryError:
    """The error for lines for which no time is left; none was sent."""
    return DeliveryError(failures.BUSY, permanent=False, code=Reason.BUSY)


def error_text(text: object) -> str:
    """Text of a server or an exception as one line."""
    return shorten(str(text) or type(text).__name__, _LONGEST_REASON)
