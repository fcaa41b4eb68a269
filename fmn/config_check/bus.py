"""Configuration checks of the fedmsg bus: endpoints, authority, revocation list, routing policy."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from fmn.infra.connectivity import UnreachableError, connect_tcp
from fmn.settings import BusSettings
from fmn.settings.check_results import CheckResult, CheckResults, failed, ok, warning
from fmn.sources.errors import BusError
from fmn.sources.fedmsg.resolver import host_of
from fmn.sources.fedmsg.routing_policy import RoutingPolicy
from fmn.sources.fedmsg.trust_store import TrustStore, ValidityPeriod

SUBJECT: Final = "bus"
TRUST: Final = "bus trust"
#: How long before its end something is worth a warning. Revocation lists are renewed by programs.
WARN_BEFORE: Final = timedelta(days=30)
WARN_BEFORE_FOR_CRL: Final = timedelta(days=2)


def check_trust(settings: BusSettings, now: datetime) -> CheckResults:
    """Whether certificate authority, revocation list and routing policy are readable and current."""
    if settings.routing_policy_file is not None:
        try:
            RoutingPolicy.load(settings.routing_policy_file)
        except BusError as error:
            yield failed(TRUST, f"{error}. See fmn.bus.routing_policy_file")
    if settings.ca_file is None:
        return
    try:
        trust = TrustStore.read(settings.ca_file, settings.crl_file)
    except BusError as error:
        yield failed(TRUST, f"{error}. See fmn.bus.ca_file and crl_file")
        return
    if not trust.has_valid_serial_number:
        yield warning(TRUST, "the authority in fmn.bus.ca_file has a serial number that isn't positive: a "
                             "later version of FMN won't be able to read it. Have the bus's people renew it")
    yield _validity("the authority in fmn.bus.ca_file", trust.period, WARN_BEFORE, now)
    if trust.revocations_period is not None:
        yield _validity("the list in fmn.bus.crl_file", trust.revocations_period, WARN_BEFORE_FOR_CRL, now)


def _validity(what: str, period: ValidityPeriod, notice: timedelta, now: datetime) -> CheckResult:
    if not period.contains(now):
        return failed(
            TRUST, f"{what} is for {period}, not for now: no message is accepted until it's renewed")
    if period.has_ended(now + notice):
        return warning(TRUST, f"{what} ends at {period.until}: renew it, no message is accepted after that")
    return ok(TRUST, f"{what} is good until {period.until or 'whenever'}")


def check_endpoint(endpoint: str, setting: str, subject: str = SUBJECT) -> CheckResults:
    """Whether a ZeroMQ endpoint accepts connections."""
    try:
        host_of(endpoint)
    except BusError as error:
        yield failed(subject, f"{setting}: {error}")
        return
    parts = urlsplit(endpoint)
    if parts.scheme != "tcp":
        yield ok(subject, f"{endpoint} is on this host; it's not tried")
        return
    try:
        connect_tcp(parts.hostname or "", parts.port or 0)
    except UnreachableError as error:
        yield failed(subject, f"{endpoint} can't be reached: {error} See {setting}")
    else:
        yield ok(subject, f"{endpoint} can be reached")
