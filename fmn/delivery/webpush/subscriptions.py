"""Push subscriptions of browsers, as the addresses of this channel.

A browser tells a page its subscription as JSON (``PushSubscription.toJSON()``): an endpoint, which is a URL
at its push service, and the keys with which messages for it are encrypted. An address is the endpoint with
the rest in its fragment, which no server ever sees:
``https://push.example/…#browser=Firefox+on+Linux&keys=…&vapid=…``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fmn.delivery.egress.network_policy import NetworkPolicy
from fmn.delivery.egress.web_urls import parse_url
from fmn.delivery.webpush import base64url
from fmn.delivery.webpush.encryption import CURVE
from fmn.text import shorten
from fmn.translations import gettext, mark

#: Characters of a subscription's JSON, of its endpoint, and of a browser's name. Microsoft's endpoints have
#: up to 450. An address has 1,000 at most, which is what the database keeps.
MAX_JSON: Final = 2_000
MAX_ENDPOINT: Final = 780
MAX_BROWSER: Final = 40
#: Bytes of a compressed public key, and of the secret that authenticates the sender.
_POINT: Final = 33
_AUTH: Final = 16
#: Fields of an address's fragment, with a number of characters that none of ours has.
_MAX_FRAGMENT: Final = 400
UNNAMED: Final = "A browser"
_INCOMPLETE: Final = mark(
    "This isn’t a browser’s push subscription. Open this page in the browser that is to show "
    "notifications, and enable them there.")


class _Keys(msgspec.Struct):
    p256dh: str
    auth: str


class _Json(msgspec.Struct):
    """A subscription as a browser tells it, with what our page adds to it: the browser's name."""

    endpoint: str
    keys: _Keys
    browser: str = ""


@dataclass(frozen=True)
class Subscription:
    """A browser's subscription to messages that are signed with the key ``vapid_key_id``."""

    endpoint: str
    point: bytes
    auth: bytes
    vapid_key_id: str
    browser: str

    @cached_property
    def public_key(self) -> ec.EllipticCurvePublicKey:
        """The browser's public key."""
        return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, self.point)

    @property
    def address(self) -> str:
        """The address, at most 1,000 characters."""
        rest = urlencode({
            "browser": self.browser, "keys": base64url.encode(self.point + self.auth),
            "vapid": self.vapid_key_id})
        return f"{self.endpoint}#{rest}"


def parse_subscription(text: str, vapid_key_id: str, networks: NetworkPolicy) -> Subscription:
    """Read a subscription that a browser tells, or an address. Raises :class:`ValueError` with a sentence.

    One that a browser tells is to the key ``vapid_key_id``.
    """
    if len(text) > MAX_JSON:
        raise ValueError(gettext(_INCOMPLETE))
    try:
        found = _read_json(text, vapid_key_id) if text.startswith("{") else read_address(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(gettext(_INCOMPLETE)) from error
    endpoint = parse_url(found.endpoint, networks, MAX_ENDPOINT)
    return Subscription(endpoint, found.point, found.auth, found.vapid_key_id, found.browser)


def read_address(address: str) -> Subscription:
    """The subscription of an address. Raises :class:`ValueError`."""
    endpoint, _, fragment = address.partition("#")
    if len(fragment) > _MAX_FRAGMENT:
        raise ValueError(gettext(_INCOMPLETE))
    fields = {name: values[0] for name, values in parse_qs(fragment, max_num_fields=3).items()}
    if not {"keys", "vapid"} <= fields.keys():
        raise ValueError(gettext(_INCOMPLETE))
    keys = base64url.decode(fields["keys"])
    return _checked(
        endpoint, keys[:_POINT], keys[_POINT:], base64url.encode(base64url.decode(fields["vapid"])),
        fields.get("browser", ""))


def mask_address(address: str) -> str:
    """A browser's name; all else of an address is secret."""
    # Not parsed as a URL: whatever was typed is masked, too, so that it can be named in a log.
    fields = parse_qs(address.partition("#")[2][:_MAX_FRAGMENT])
    return _named(fields.get("browser", [""])[0])


def renewed(address: str, former: str) -> str:
    """An address that renews a former one: of a browser of the same name, subscribed to the same key."""
    known = read_address(former)
    return replace(read_address(address), browser=known.browser, vapid_key_id=known.vapid_key_id).address


def push_service(address: str) -> str:
    """Scheme, host and port of the push service of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def endpoint_digest(address: str) -> str:
    """SHA-256 of an address's endpoint, by which a browser's page knows its own subscription among others."""
    return hashlib.sha256(address.partition("#")[0].encode()).hexdigest()


def _read_json(text: str, vapid_key_id: str) -> Subscription:
    told = msgspec.json.decode(text.encode("utf-8", "replace"), type=_Json)
    return _checked(
        told.endpoint, base64url.decode(told.keys.p256dh), base64url.decode(told.keys.auth), vapid_key_id,
        told.browser)


def _checked(endpoint: str, point: bytes, auth: bytes, vapid_key_id: str, browser: str) -> Subscription:
    """A subscription whose keys are keys. Raises :class:`ValueError`."""
    if len(auth) != _AUTH:
        raise ValueError(gettext(_INCOMPLETE))
    key = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)
    compressed = key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    return Subscription(endpoint, compressed, auth, vapid_key_id, _named(browser))


def _named(browser: str) -> str:
    # Without the mark of what was cut off, which isn't ASCII: an address is read as what it was made of.
    return shorten(browser.encode("ascii", "ignore").decode(), MAX_BROWSER).removesuffix("…") or UNNAMED
