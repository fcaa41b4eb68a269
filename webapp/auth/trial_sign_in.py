"""Trial sign-in: anyone at this machine may sign in with any account name.

Only ``fmn up`` enables it. Each request is checked, so that strangers can't use it through a proxy or by DNS
rebinding.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from pyramid.config import Configurator

from fmn.settings import SettingsError
from webapp.request import Request

#: Headers, as WSGI names them, that say that somebody passed a request on.
FORWARDING_HEADERS: Final = frozenset({
    "HTTP_FORWARDED", "HTTP_VIA", "HTTP_CDN_LOOP", "HTTP_X_REAL_IP", "HTTP_X_CLIENT_IP", "HTTP_X_REMOTE_IP",
    "HTTP_X_REMOTE_ADDR", "HTTP_X_CLUSTER_CLIENT_IP", "HTTP_X_ORIGINATING_IP", "HTTP_X_PROXYUSER_IP",
    "HTTP_X_ENVOY_EXTERNAL_ADDRESS", "HTTP_TRUE_CLIENT_IP", "HTTP_FASTLY_CLIENT_IP",
    "HTTP_CF_CONNECTING_IP", "HTTP_CF_RAY"})
#: How the names of others begin that say so.
FORWARDING_PREFIXES: Final = ("HTTP_X_FORWARDED", "HTTP_X_ORIGINAL_", "HTTP_X_AMZN_", "HTTP_PROXY_")
#: Nginx asks with this one unless it's told otherwise, and then adds no header by which to know it.
NGINX_DEFAULT_PROTOCOL: Final = "HTTP/1.0"


def configure_trial(config: Configurator, *, trial: bool) -> None:
    """Enable the trial sign-in in a ``trial`` whose settings ask for it.

    Raises :class:`~fmn.settings.SettingsError` if the settings ask for it outside a trial.
    """
    wanted = config.registry.services.settings.web.development_login
    if wanted and not trial:
        raise SettingsError(
            "fmn.web.development_login = true lets anyone in as anyone: only fmn up does that. "
            "Start fmn up, or say fmn.web.development_login = false")
    config.registry.trial = wanted


def is_trial_sign_in_allowed(request: Request) -> bool:
    """Whether this is a trial and the request is local, see :func:`is_local_request`."""
    return bool(request.registry.trial) and is_local_request(request.environ)


def is_local_request(environ: Mapping[str, Any]) -> bool:
    """Whether a browser on this machine sent the request directly to a loopback name (WSGI environment)."""
    return (
        _is_loopback(environ.get("REMOTE_ADDR", ""))
        and _host_is_loopback(environ.get("HTTP_HOST", ""))
        and environ.get("SERVER_PROTOCOL") != NGINX_DEFAULT_PROTOCOL
        and not any(name in FORWARDING_HEADERS or name.startswith(FORWARDING_PREFIXES) for name in environ))


def _host_is_loopback(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return name == "localhost" or _is_loopback(name)


def _is_loopback(address: str) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback
