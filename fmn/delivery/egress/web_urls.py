"""URLs that people enter: validation and masking."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final

import httpx

from fmn.delivery.egress.network_policy import EgressError, NetworkPolicy
from fmn.text import shorten
from fmn.translations import gettext, mark

#: Characters of a URL, where nothing else is said.
LONGEST: Final = 500
#: Characters of a path that may be shown, if it has more than so many.
_SHOWN: Final = 4
_LONG: Final = 24
_PORTS: Final = range(1, 1 << 16)
_USUAL_PORTS: Final = {"http": 80, "https": 443}
_NO_ADDRESS: Final = mark("“{url}” isn’t a web address. Write one such as {example}.")
_EXAMPLE: Final = "https://hooks.example.org/fmn"


def parse_url(text: str, networks: NetworkPolicy, longest: int = LONGEST) -> str:
    """Normalize a URL of at most so many characters. Raises :class:`ValueError` with a whole sentence.

    Without TLS only the networks that the administrator allowed are reached. Which addresses a name has is
    looked at whenever something is sent there.
    """
    if len(text) > longest:
        raise ValueError(_too_long(longest))
    typed = shorten(text, 100)
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise ValueError(gettext(_NO_ADDRESS).format(url=typed, example=_EXAMPLE)) from error
    if not _is_web(url) or not text.isprintable() or " " in text:
        raise ValueError(gettext(_NO_ADDRESS).format(url=typed, example=_EXAMPLE))
    if url.userinfo:
        raise ValueError(gettext(
            "“{url}” has a password in it. Leave it out: what’s sent is signed.").format(url=typed))
    if url.scheme == "http" and not networks:
        raise ValueError(gettext(
            "“{url}” isn’t encrypted. Write an address that begins with https://.").format(url=typed))
    _check_port(url, networks)
    _check_number(url, networks)
    kept = str(url.copy_with(fragment=None))
    if len(kept) > longest:
        raise ValueError(_too_long(longest))
    return kept


def _too_long(longest: int) -> str:
    return gettext("That’s too long: {number} characters are the most.").format(number=longest)


def mask_address(address: str) -> str:
    """An address without its secrets, which are often in the path; of a long one its owner knows the end."""
    url = httpx.URL(address)
    path = url.raw_path.decode("ascii")
    rest = "" if path in ("", "/") else f"/…{path[-_SHOWN:]}" if len(path) > _LONG else "/…"
    return f"{url.scheme}://{url.netloc.decode('ascii')}{rest}"


def _is_web(url: httpx.URL) -> bool:
    if url.scheme not in ("http", "https") or not url.host or not (url.port is None or url.port in _PORTS):
        return False
    # Between dots of a name are from 1 to 63 characters (RFC 1035); a dot may be at its end.
    return all(0 < len(label) < 64 for label in url.raw_host.removesuffix(b".").split(b"."))  # noqa: PLR2004


def _check_port(url: httpx.URL, networks: NetworkPolicy) -> None:
    """Raise :class:`ValueError` for a port that the network policy refuses."""
    try:
        networks.check_port(url.port or _USUAL_PORTS[url.scheme])
    except EgressError as error:
        raise ValueError(gettext("Nothing can be sent to {address}: {reason}.").format(
            address=url.netloc.decode("ascii"), reason=error)) from error


def _check_number(url: httpx.URL, networks: NetworkPolicy) -> None:
    """Raise :class:`ValueError` for a numeric address that the network policy refuses."""
    try:
        ip_address(url.host)
    except ValueError:
        return
    check = networks.check if url.scheme == "https" else networks.check_allowed
    try:
        check(url.host)
    except EgressError as error:
        raise ValueError(gettext("Nothing can be sent to {address}: {reason}.").format(
            address=url.host, reason=error)) from error
