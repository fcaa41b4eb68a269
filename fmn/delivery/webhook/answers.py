"""What a server's answer to a web hook means for the delivery. Pure."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from fmn.delivery.contract import DeliveryError

#: What says "not now" although it sounds like "no".
_NOT_NOW: Final = frozenset({
    HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS,
})


def check(status: int) -> None:
    """Raise :class:`~fmn.delivery.contract.DeliveryError` unless the server took it."""
    if 200 <= status < 300:  # noqa: PLR2004 - that's what success is
        return
    if status == HTTPStatus.GONE:
        raise DeliveryError(f"the server answered {_named(status)}", permanent=True, address_gone=True)
    if 300 <= status < 400:  # noqa: PLR2004 - redirects
        raise DeliveryError(
            f"the server answered {_named(status)}, but only addresses that were confirmed are sent anything",
            permanent=True)
    permanent = 400 <= status < 500 and status not in _NOT_NOW  # noqa: PLR2004 - the client's fault
    raise DeliveryError(f"the server answered {_named(status)}", permanent=permanent)


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
