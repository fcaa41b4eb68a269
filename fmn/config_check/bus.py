"""Whether the bus can be reached, and whom its messages are trusted from."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from fmn.config_check.connectivity import UnreachableError, reach
from fmn.config_check.results import Finding, Findings, ok, warning, wrong
from fmn.settings import BusSettings
from fmn.sources.fedmsg.errors import BusError
from fmn.sources.fedmsg.resolver import host_of
from fmn.sources.fedmsg.routing_policy import RoutingPolicy
from fmn.sources.fedmsg.trust_store import Period, Trust

THING: Final = "bus"
TRUST: Final = "bus trust"
#: How long before its end something is worth a warning. Revocation lists are renewed by programs.
NOTICE: Final = timedelta(days=30)
NOTICE_OF_LIST: Final = timedelta(days=2)


def look_at_trust(settings: BusSettings, now: datetime) -> Findings:
    """Whether the authority, its revocation list and the policy can be used now."""
    if settings.routing_policy_file is not None:
        try:
            RoutingPolicy.load(settings.routing_policy_file)
        except BusError as error:
            yield wrong(TRUST, f"{error}. See fmn.bus.routing_policy_file")
    if settings.ca_file is None:
        return
    try:
        trust = Trust.read(settings.ca_file, settings.crl_file)
    except BusError as error:
        yield wrong(TRUST, f"{error}. See fmn.bus.ca_file and crl_file")
        return
    if not trust.is_numbered:
        yield warning(TRUST, "the authority in fmn.bus.ca_file has a serial number that isn't positive: a "
                             "later version of FMN won't be able to read it. Have the bus's people renew it")
    yield _holds("the authority in fmn.bus.ca_file", trust.period, NOTICE, now)
    if trust.revocations_period is not None:
        yield _holds("the list in fmn.bus.crl_file", trust.revocations_period, NOTICE_OF_LIST, now)


def _holds(what: str, period: Period, notice: timedelta, now: datetime) -> Finding:
    if not period.holds(now):
        return wrong(TRUST, f"{what} is for {period}, not for now: no message is accepted until it's renewed")
    if period.is_over(now + notice):
        return warning(TRUST, f"{what} ends at {period.until}: renew it, no message is accepted after that")
    return ok(TRUST, f"{what} is good until {period.until or 'whenever'}")


def look_at_endpoint(endpoint: str, setting: str, thing: str = THING) -> Findings:
    """Whether somebody is at an address of ZeroMQ."""
    try:
        host_of(endpoint)
    except BusError as error:
        yield wrong(thing, f"{setting}: {error}")
        return
    parts = urlsplit(endpoint)
    if parts.scheme != "tcp":
        yield ok(thing, f"{endpoint} is on this host; it's not tried")
        return
    try:
        reach(parts.hostname or "", parts.port or 0)
    except UnreachableError as error:
        yield wrong(thing, f"{endpoint} can't be reached: {error} See {setting}")
    else:
        yield ok(thing, f"{endpoint} can be reached")
