"""Errors of deliveries from HTTP status codes. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

from fmn.delivery.contract import DeliveryError
from fmn.delivery.egress import failures

#: What says "not now" although it sounds like "no".
_NOT_NOW: Final = frozenset({
    HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS,
})

#: Whoever asks for more is asked again after that.
LONGEST_WAIT: Final = timedelta(hours=6)
_MOST_DIGITS: Final = 9


def raise_for_status(status: int, retry_after: str, now: datetime) -> None:
    """Raise :class:`~fmn.delivery.contract.DeliveryError` unless the server took it.

    ``retry_after`` is the header of that name (RFC 9110 section 10.2.3): seconds, or a date. Whatever else it
    is doesn't count.
    """
    if 200 <= status < 300:  # noqa: PLR2004 - that's what success is
        return
    if status == HTTPStatus.GONE:
        raise DeliveryError(
            failures.ANSWERED.format(status=_named(status)), permanent=True, address_gone=True)
    if 300 <= status < 400:  # noqa: PLR2004 - redirects
        raise DeliveryError(failures.REDIRECTED.format(status=_named(status)), permanent=True)
    permanent = 400 <= status < 500 and status not in _NOT_NOW  # noqa: PLR2004 - the client's fault
    wait = timedelta() if permanent else _wait(retry_after, now)
    raise DeliveryError(failures.ANSWERED.format(status=_named(status)), permanent=permanent, wait=wait)


def _wait(retry_after: str, now: datetime) -> timedelta:
    try:
        if retry_after.isdecimal() and retry_after.isascii():
            return min(timedelta(seconds=int(retry_after[:_MOST_DIGITS])), LONGEST_WAIT)
        date = parsedate_to_datetime(retry_after)
        return min(max(date.astimezone(UTC) - now, timedelta()), LONGEST_WAIT)
    except (ValueError, OverflowError):
        return timedelta()


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
