"""Apprise URLs: allowed services and parameters.

A URL may say more than where to: that a file of ours is to be read, certificates aren't to be looked at, a
failure is no failure. So only words that are known to do no harm may stand behind the question mark.
"""

from __future__ import annotations

import hashlib
import logging
import re
from ipaddress import ip_address
from typing import Any, Final

from apprise import Apprise, AppriseAsset
from apprise.exception import AppriseException
from apprise.plugins import NotifyBase, url_to_dict
from apprise.plugins.matrix import NotifyMatrix

from fmn.delivery.apprise.settings import AppriseSettings
from fmn.delivery.egress.network_policy import EgressError, NetworkPolicy
from fmn.localized import series
from fmn.settings import Settings
from fmn.text import shorten
from fmn.translations import gettext

#: Characters that the database keeps.
_LONGEST: Final = 500
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9]*)://")
#: What may stand behind the question mark: to whom, and how it looks there.
_HARMLESS: Final = frozenset({
    "auth", "avatar", "blocks", "botname", "channel", "channels", "detect", "discovery", "fields", "footer",
    "format", "hsreq", "image", "mdv", "mode", "msgtype", "pa", "preview", "priority", "silent", "sound",
    "tags", "team", "thread", "timestamp", "to", "token", "topic", "ver", "version", "visibility", "xtags",
})
#: What is the same for all. Encrypted rooms need a device that is known there; ours is a new one each time.
_ALWAYS: Final = {"e2ee": False, "autoverify": False}
#: What is better unless a URL says otherwise. Telegram's older Markdown takes every underscore for its own.
_PREFERRED: Final = {"tgram": {"format": "html"}}
#: Services that have no secret but the topic itself, which Apprise shows; characters of a topic that may be
#: shown, if it has more than so many.
_SECRET_TOPICS: Final = frozenset({"ntfy", "ntfys"})
_SHOWN: Final = 4
_LONG: Final = 12
#: Services that tell all rooms where no room is named.
_ALL_ROOMS: Final = frozenset({"matrix", "matrixs"})
#: One delivery at a time, in the thread that asks for it; nothing written to the disk or read from it; no
#: redirects. Time limits are ours, see :mod:`fmn.delivery.egress.library_guard`.
_ASSET: Final = AppriseAsset(
    app_id="FMN", app_desc="FMN", app_url="", async_mode=False, storage_mode="memory", service_timeout=0,
    http_redirects=False, image_path_mask=False, image_url_mask="", image_url_logo="", pgp_autogen=False,
    pem_autogen=False, allow_templates=False)
# What it has to say is told to the person it concerns. In debug logs it would tell secrets.
logging.getLogger("apprise").propagate = False


def parse_url(text: str, settings: Settings) -> str:
    """Normalize a URL. Raises :class:`ValueError` with a whole sentence."""
    if len(text) > _LONGEST:
        raise ValueError(gettext("That’s too long: {most} characters are the most.").format(most=_LONGEST))
    service = open_service(text, settings)
    if len(service) > 1:
        raise ValueError(gettext(
            "Name one room, channel or person: each is an address, to be confirmed by itself."))
    networks = NetworkPolicy.of(settings.egress)
    try:
        if service.port:
            networks.check_port(service.port)
    except EgressError as error:
        raise ValueError(gettext("Nothing can be sent there: {reason}.").format(reason=error)) from error
    try:
        # Where Apprise's URLs have a host at all: many begin with a token.
        networks.check(service.host)
    except EgressError as error:
        raise ValueError(gettext("Nothing can be sent to {address}: {reason}.").format(
            address=ip_address(service.host), reason=error)) from error
    except ValueError:
        pass
    return text


def open_service(url: str, settings: Settings) -> NotifyBase:
    """Open the service of a URL, without connecting. Raises :class:`ValueError` with a sentence."""
    found = _SCHEME.match(url)
    scheme = found[1].lower() if found else ""
    allowed = AppriseSettings.of(settings).schemes
    if scheme not in allowed or not url.isprintable():
        raise ValueError(gettext(
            "“{service}” isn’t a service that can be used here. Write a URL as Apprise’s documentation has "
            "it, which begins with one of these and ://. There are {services}.",
        ).format(service=shorten(url.partition("://")[0], 20),
                 services=series(sorted(allowed), most=len(allowed))))
    parts = url_to_dict(url)
    if not parts:
        raise ValueError(_incomplete(scheme))
    _check_words(parts)
    if scheme in _ALL_ROOMS and not (parts["targets"] or parts.get("mode")):
        raise ValueError(gettext(
            "Name a room or a person: without one, all rooms that the account is in are told."))
    try:
        service = Apprise.instantiate(
            {**_PREFERRED.get(scheme, {}), **parts, **_ALWAYS}, asset=_ASSET, suppress_exceptions=False)
    except (AppriseException, TypeError) as error:
        raise ValueError(_incomplete(scheme)) from error
    if service is None:
        raise ValueError(gettext("{scheme}:// can’t be used here. Ask whoever runs FMN.").format(
            scheme=scheme))
    return service


def make_idempotent(service: NotifyBase, key: str) -> None:
    """Have a service take a delivery once, however often it's sent, where it can: ``key`` says which it is.

    Matrix does with a token, by its transactions. Apprise numbers them at random, unless it believes that it
    signed in with that token before. Whoever signs in with a password is a new device, to which all are new.
    """
    if isinstance(service, NotifyMatrix) and service.password and not service.user:
        service.access_token = service.password
        service.transaction_id = int.from_bytes(hashlib.sha256(key.encode()).digest()[:16])


def mask_url(url: str) -> str:
    """A URL without its secrets; one that can't be parsed is hidden but for the service's name."""
    scheme = url.partition("://")[0]
    try:
        parts = url_to_dict(url) if url.isprintable() else None
        service = Apprise.instantiate(parts, asset=_ASSET, suppress_exceptions=False) if parts else None
    except (AppriseException, TypeError):
        service = None
    if service is None:
        return f"{scheme}://…"
    where = str(service.url(privacy=True)).partition("?")[0]
    return _without_topic(where) if scheme.lower() in _SECRET_TOPICS else where


def _without_topic(where: str) -> str:
    """A long topic, shortened to its end."""
    host, _, topic = where.rstrip("/").rpartition("/")
    return f"{host}/…{topic[-_SHOWN:] if len(topic) > _LONG else ''}"


def _check_words(parts: dict[str, Any]) -> None:
    """Raise :class:`ValueError` for query parameters that may do harm."""
    for word in parts["qsd"]:
        if word not in _HARMLESS:
            raise ValueError(gettext(
                "“{word}” can’t be set here. Behind the question mark may stand {words}.",
            ).format(word=shorten(word, 20), words=series(sorted(_HARMLESS), most=len(_HARMLESS))))


def _incomplete(scheme: str) -> str:
    return gettext(
        "This {scheme}:// URL isn’t complete, or has something that doesn’t belong there. Apprise’s "
        "documentation says what such URLs look like.").format(scheme=scheme)
