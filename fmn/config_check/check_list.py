"""Which checks there are for an installation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

from fmn.config_check import (
    broker,
    bus,
    cache,
    database,
    email,
    files,
    http_services,
    irc,
    listen_addresses,
)
from fmn.config_check import settings as settings_check
from fmn.config_check.results import Check
from fmn.settings.loader import Examined


def offline(config: Path, examined: Examined, now: datetime) -> Iterator[Check]:
    """Those that ask nobody."""
    settings = examined.settings
    yield Check(settings_check.THING, (), partial(settings_check.look, examined))
    yield Check(files.THING, (), partial(files.look, config, examined, now))
    yield Check(bus.TRUST, ("fmn.bus.",), partial(bus.look_at_trust, settings.bus, now))


def online(config: Path, examined: Examined) -> Iterator[Check]:
    """Those that connect to a server each, where the settings aren't wrong anyway."""
    for check in (*_stores(examined), *_bus(examined), *_channels(examined), *_web(config, examined)):
        if not any(wrong.startswith(check.sections) for wrong in examined.wrong):
            yield check


def _stores(examined: Examined) -> Iterator[Check]:
    settings = examined.settings
    embedded = settings.broker.url == "memory://"
    yield Check(
        database.THING, ("fmn.database.",), partial(database.look, settings.database, embedded=embedded))
    yield Check(
        broker.THING, ("fmn.broker.", "fmn.delivery.channels"),
        partial(broker.look, settings.broker, settings.delivery.channels))
    yield Check(cache.THING, ("fmn.cache.",), partial(cache.look, settings.cache))


def _bus(examined: Examined) -> Iterator[Check]:
    settings = examined.settings
    for endpoint in settings.bus.endpoints:
        yield Check(
            bus.THING, ("fmn.bus.endpoints",),
            partial(bus.look_at_endpoint, endpoint, "fmn.bus.endpoints", bus.THING))
    for endpoint in settings.catchup.replay_endpoints:
        yield Check(
            http_services.ARCHIVE, ("fmn.catchup.",),
            partial(bus.look_at_endpoint, endpoint, "fmn.catchup.replay_endpoints", http_services.ARCHIVE))
    if settings.catchup.url:
        yield Check(http_services.ARCHIVE, (
            "fmn.catchup.",), partial(http_services.look_at_archive, settings.catchup))
    if settings.publish.announce and settings.publish.mode == "connect":
        yield Check(
            "publishing", ("fmn.publish.",),
            partial(bus.look_at_endpoint, settings.publish.endpoint, "fmn.publish.endpoint", "publishing"))


def _channels(examined: Examined) -> Iterator[Check]:
    settings = examined.settings
    if "email" in settings.delivery.channels:
        yield Check(email.THING, ("fmn.email.", "fmn.delivery.channels"), partial(email.look, settings.email))
    if "irc" in settings.delivery.channels:
        yield Check(irc.THING, ("fmn.irc.", "fmn.delivery.channels"), partial(irc.look, settings.irc))


def _web(config: Path, examined: Examined) -> Iterator[Check]:
    settings = examined.settings
    if settings.oidc.issuer:
        yield Check(
            http_services.PROVIDER, ("fmn.oidc.",), partial(http_services.look_at_provider, settings.oidc))
    if {settings.directory.ownership, settings.directory.accounts} != {"none"}:
        yield Check(
            http_services.DIRECTORY, ("fmn.directory.",),
            partial(http_services.look_at_directory, settings.directory))
    for address in listen_addresses.addresses_of_pserve(config):
        yield Check(
            "web app", (), partial(listen_addresses.look, "web app", "listen in [server:main]", address))
    if "sse" in settings.delivery.channels:
        yield Check(
            "live feed", ("fmn.sse.", "fmn.delivery.channels"),
            partial(listen_addresses.look, "live feed", "fmn.sse.listen", settings.sse.listen))
    if settings.metrics.listen:
        yield Check(
            "metrics", ("fmn.metrics.",),
            partial(listen_addresses.look, "metrics", "fmn.metrics.listen", settings.metrics.listen))
