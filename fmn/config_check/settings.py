"""Configuration check of the settings: problems, insecure values, leftover examples, contradictions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import parse_qs, urlsplit

from fmn.catalog import catalog
from fmn.settings import DeliverySettings, Settings
from fmn.settings.check_results import SECURITY, SETTINGS, CheckResults, failed, ok, warning
from fmn.settings.field_types import LOOPBACK
from fmn.settings.loader import PREFIX, CheckedSettings, secret_keys
from fmn.settings.masking import masked
from fmn.settings.secret_strength import weak_secrets
from fmn.sources.configured_sources import configured_sources

#: What stands in production.ini for what a site has to put in (RFC 2606).
_EXAMPLE: Final = re.compile(r"CHANGE-ME|\bexample\.(?:org|com|net)\b")
#: How PostgreSQL is asked so that nobody in between reads what's said, or who we are.
_ENCRYPTED: Final = frozenset({"require", "verify-ca", "verify-full"})
#: Seconds in an hour, hours in a day.
_HOURS: Final = 24


def check(checked: CheckedSettings) -> CheckResults:
    """Check the settings themselves, with each channel's section."""
    settings = checked.settings
    found = [failed(SETTINGS, problem) for problem in checked.problems]
    told = {each.sentence for each in found}
    found += _examples(settings, checked.values)
    found += [failed(SECURITY, sentence) for sentence in weak_secrets(settings.web)]
    found += [warning(SECURITY, sentence) for sentence in (*_unencrypted(settings), *_insecure(settings))]
    found += [failed(SETTINGS, sentence) for sentence in _unknown(settings)]
    found += [warning(SETTINGS, sentence) for sentence in _suspicious(settings)]
    for section in settings.channel_sections().values():
        found += section.check(settings)
    # What's said of a key that is wrong is said of its default.
    keys = [key for key in checked.invalid if not key.endswith(".")]
    found = [each for each in found
             if each.sentence in told or not any(key in each.sentence for key in keys)]
    yield from found or [ok(SETTINGS, f"{len(checked.values)} are set, and go together")]


def _examples(settings: Settings, values: Mapping[str, str]) -> CheckResults:
    unused = settings.channel_sections().keys() - set(settings.delivery.channels)
    for key, value in values.items():
        section = key.removeprefix(PREFIX).partition(".")[0]
        # The web app's secret is told of elsewhere, and what isn't used may stay as it is.
        if _EXAMPLE.search(value) and key != "fmn.web.secret" and section not in unused:
            shown = "" if key in secret_keys() else f" = {masked(value)}"
            yield failed(SETTINGS, f"{key}{shown} is still an example's: put in what's yours, or nothing")


def _unencrypted(settings: Settings) -> Iterator[str]:
    """Connections that carry passwords or personal data unencrypted."""
    for key, url in (("database", settings.database.url), ("broker", settings.broker.url),
                     ("cache", settings.cache.url)):
        if _leaves_host(url) and not _is_encrypted(url):
            yield (f"fmn.{key}.url: what's said to {urlsplit(url).hostname}, passwords too, isn't encrypted "
                   f"on the way: {_HOW[key]}, or see that nobody else is in that network")
    if settings.directory.fasjson_token and settings.directory.fasjson_url.startswith("http://"):
        yield "fmn.directory.fasjson_url: the token isn't encrypted on the way: begin with https://"
    if settings.web.allow_plain_http:
        yield "fmn.web.allow_plain_http = true: anyone in between could be whoever signs in"


_HOW: Final[Mapping[str, str]] = {
    "database": "add ?sslmode=require", "broker": "begin with amqps://", "cache": "begin with rediss://"}


def _leaves_host(url: str) -> bool:
    host = urlsplit(url).hostname
    return "://" in url and host is not None and host not in LOOPBACK and not host.startswith("/")


def _is_encrypted(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme in {"amqps", "rediss", "unix", "sqlite", "memory"}:
        return True
    return bool(_ENCRYPTED & {*parse_qs(parts.query).get("sslmode", [])})


def _insecure(settings: Settings) -> Iterator[str]:
    bus = settings.bus
    if bus.endpoints and not bus.validate_signatures:
        yield ("fmn.bus.validate_signatures = false: anyone who can send to the bus can make FMN write to "
               "people")
    elif bus.endpoints and bus.crl_file is None:
        yield "fmn.bus.crl_file is empty: no certificate on the bus counts as revoked"
    if settings.fedora_messaging.allow_plaintext:
        yield ("fmn.fedora_messaging.allow_plaintext = true: anyone in between could send messages as "
               "anybody")
    if settings.web.development_login:
        yield ("fmn.web.development_login = true lets anyone on this host in as anyone, in fmn up alone: "
               "no other process starts with it")


def _unknown(settings: Settings) -> Iterator[str]:
    """Settings that name unknown event types or channels."""
    for event in settings.autocreate.events:
        if event not in catalog().events_by_name:
            yield f"fmn.autocreate.events: the catalogue has no {event}; fmn catalog lists what it has"
    for context in settings.autocreate.contexts:
        if settings.autocreate.events and context not in settings.delivery.channels:
            yield f"fmn.autocreate.contexts: {context} isn't among fmn.delivery.channels"


def _suspicious(settings: Settings) -> Iterator[str]:
    yield from _suspicious_servers(settings)
    yield from _suspicious_web(settings)
    yield from _suspicious_delivery(settings.delivery)


def _suspicious_servers(settings: Settings) -> Iterator[str]:
    in_memory = settings.broker.url == "memory://"
    on_sqlite = settings.database.url.startswith("sqlite:")
    if in_memory and not on_sqlite:
        yield "fmn.broker.url = memory:// is for fmn up alone, in which all of FMN is one process"
    if not in_memory and on_sqlite:
        yield "fmn.database.url is a file of one host, and one process at a time writes to it: use PostgreSQL"
    if not in_memory and settings.cache.url == "memory://":
        yield "fmn.cache.url = memory://: each process fetches the directory by itself; name a Redis"
    if not in_memory and not configured_sources(settings):
        yield ("fmn.bus.endpoints and fmn.fedora_messaging.urls are empty: fmn consumer has nothing to "
               "listen to")


def _suspicious_web(settings: Settings) -> Iterator[str]:
    web = settings.web
    if not settings.oidc.issuer and not web.development_login:
        yield "fmn.oidc.issuer is empty: nobody can sign in"
    if not web.administrators:
        yield "fmn.web.administrators is empty: nobody sees what waits and what failed"
    if web.session_hours > web.longest_session_days * _HOURS:
        yield "fmn.web.session_hours is longer than fmn.web.longest_session_days"


def _suspicious_delivery(delivery: DeliverySettings) -> Iterator[str]:
    if delivery.first_retry_seconds > delivery.longest_retry_seconds:
        yield "fmn.delivery.first_retry_seconds is longer than fmn.delivery.longest_retry_seconds"
