"""Times on pages: one format, in the reader's time zone, with the exact moment beside it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from fmn.delivery.notification_text import minute
from fmn.people.local_time import zone_or_utc
from webapp.humanize import exact_time, natural_date, natural_time, natural_time_without_on
from webapp.request import Request


def reader_zone(request: Request) -> ZoneInfo:
    """The time zone of whoever is signed in; UTC for everybody else."""
    return zone_or_utc(request.identity.time_zone if request.identity else "UTC")


def time_element(request: Request, moment: datetime, words: str | None = None) -> Markup:
    """A ``<time>`` with the exact moment in its title.

    Unless there are other ``words`` it's relative to now; for whoever isn't signed in it says UTC.
    """
    zone = reader_zone(request)
    shown = words if words is not None else (
        natural_time(moment, request.now, zone) if request.identity else minute(moment))
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        moment.isoformat(timespec="seconds"), exact_time(moment, zone), shown)


def time_after_preposition(request: Request, moment: datetime) -> Markup:
    """The same for use after “until” or “since”."""
    return time_element(
        request, moment, natural_time_without_on(moment, request.now, reader_zone(request)))


def day_element(request: Request, moment: datetime) -> Markup:
    """A ``<time>`` with the day, for what happened long ago, and the exact moment in its title."""
    return time_element(request, moment, natural_date(moment, reader_zone(request)))


def offers_zone(request: Request) -> bool:
    """Whether a page offers the browser's time zone: to people who have never chosen one."""
    me = request.identity
    return me is not None and me.token is None and not me.time_zone_chosen and me.time_zone == "UTC"
