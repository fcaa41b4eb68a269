"""Errors of deliveries from Apprise's results and its log, which has the reasons. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from fmn.delivery.apprise import failures
from fmn.delivery.contract import DeliveryError
from fmn.delivery.egress import failures as egress_failures
from fmn.delivery.egress.network_policy import EgressError
from fmn.ledger.reasons import Reason
from fmn.text import shorten

#: Characters of a reason.
_LONGEST: Final = 300
#: How its services' modules end a sentence on an answer by HTTP.
_STATUS: Final = re.compile(r"\berror=(\d{3})\b")
#: What says "not now" although it sounds like "no".
_NOT_NOW: Final = frozenset({
    HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS,
})


def delivery_error(
    service: str, said: Sequence[str], refusal: OSError | None, *, is_late: bool,
) -> DeliveryError:
    """The error for a delivery that a service didn't take. ``refusal`` is what our guard refused, if it did.

    It's permanent if the service answered that it won't have this from anybody who asks like that.
    """
    if isinstance(refusal, EgressError):
        return DeliveryError(
            failures.NOT_ALLOWED.format(service=service, reason=refusal), permanent=True,
            code=Reason.NOT_ALLOWED)
    if is_late or refusal is not None:
        return DeliveryError(
            egress_failures.TIMED_OUT.format(where=service), permanent=False, code=Reason.TIMED_OUT)
    reason = " ".join(dict.fromkeys(said)) or failures.NO_REASON
    statuses = [int(status) for status in _STATUS.findall(reason)]
    permanent = any(400 <= each < 500 and each not in _NOT_NOW for each in statuses)  # noqa: PLR2004 - our fault
    refused = failures.REFUSED.format(service=service, reason=shorten(reason, _LONGEST))
    return DeliveryError(refused, permanent=permanent)
