"""Errors of deliveries from push services' status codes. Pure."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Final

from fmn.delivery.contract import DeliveryError
from fmn.delivery.egress import http_errors
from fmn.delivery.webpush import failures

#: How a push service says that a subscription ended (RFC 8030 section 7.3): some have forgotten it.
_ENDED: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


def subscription_ended(why: str) -> DeliveryError:
    """The error of a subscription that ended: nothing is sent there until it's enabled there again."""
    return DeliveryError(why, permanent=True, address_gone=True)


def raise_for_status(status: int, retry_after: str, now: datetime) -> None:
    """Raise :class:`~fmn.delivery.contract.DeliveryError` unless the push service took it."""
    if status in _ENDED:
        raise subscription_ended(failures.ENDED)
    http_errors.raise_for_status(status, retry_after, now)
