"""Text of a notification, the same in all channels: cleaned, dated and linked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from urllib.parse import urlsplit

from fmn.catalog.urls import safe_link
from fmn.delivery.contract import RenderedNotification
from fmn.delivery.signed_links import Links
from fmn.people.local_time import zone_or_utc
from fmn.people.preferences import Presentation
from fmn.text import lines, shorten
from fmn.translations import gettext, mark

#: Characters of a summary that is shown. Real ones have up to 200; the why page shows all of it.
_LONGEST_SUMMARY = 1000
#: Characters of a name: of a filter, an application, a nick.
_LONGEST_NAME = 100
#: Bytes of a link that mail programs and browsers can be trusted with; a longer one is left out.
_LONGEST_LINK = 2000
#: What messages are called whose topic names no application.
OTHER = mark("other")
#: Notes that are kept as they were written, since what concerns many people is told one after the other;
#: and texts, names and moments in them.
CACHED_TEXTS = 64
_CACHED_PARTS = 256
#: The time zone of whoever reads what is being written; commands and logs have UTC.
_reader_zone: ContextVar[tzinfo] = ContextVar("time zone", default=UTC)
#: Stands before the link to a text that had to be cut.
SHORTENED = mark("Shortened. Full text")
#: Stands for the name of a filter that its owner has deleted since it let a message through.
DELETED = mark("a filter that has been deleted since")


@dataclass(frozen=True, slots=True)
class NotificationText:
    """Text of a notification. ``long`` has clean lines; ``cut`` says that it was shortened.

    ``host`` is where ``link`` really leads, whatever it pretends. Its reader wants to hear which filter let
    it through if ``tells_why``.
    """

    sent_at: datetime
    title: str
    application: str
    summary: str
    link: str
    long: str
    why: str
    filter_name: str
    host: str
    tells_why: bool = True
    cut: bool = False


def notification_text(
    item: RenderedNotification, applications: Mapping[str, str], links: Links, presentation: Presentation,
) -> NotificationText:
    """Make the text of a notification. ``applications`` are the applications' titles by category."""
    return personal_text(shared_text(item, applications, presentation), item, links, presentation)


def shared_text(
    item: RenderedNotification, applications: Mapping[str, str], presentation: Presentation,
) -> NotificationText:
    """What the texts of all notifications of a message have in common.

    It has the message's own link, and neither a filter nor a link to "why".
    """
    described = item.description
    link = web_link(described.link)
    return NotificationText(
        sent_at=item.message.sent_at,
        title=name(item.message.title) or gettext(OTHER),
        application=application_of(item, applications),
        summary=shown(described.summary),
        link=link,
        long=_clean(described.long) if presentation.long_text else "",
        why="",
        filter_name="",
        host=urlsplit(link).hostname or gettext("the web"),
        tells_why=presentation.trigger_links,
    )


def personal_text(
    shared: NotificationText, item: RenderedNotification, links: Links, presentation: Presentation,
) -> NotificationText:
    """The text for one reader, with what :func:`shared_text` lacks."""
    short = shared.link and presentation.short_links
    return replace(
        shared,
        link=links.go(item.notification) if short else shared.link,
        why=links.why(item.notification),
        filter_name=gettext(DELETED) if item.filter_id is None else name(item.filter_name))


def application_of(item: RenderedNotification, applications: Mapping[str, str]) -> str:
    """Title of the application that the message is from."""
    category = item.message.category
    return name(applications.get(category, category)) or gettext(OTHER)


@lru_cache(CACHED_TEXTS)
def _clean(text: str) -> str:
    return lines(text)


@lru_cache(_CACHED_PARTS)
def shown(summary: str) -> str:
    """A summary, shortened for display."""
    return shorten(summary, _LONGEST_SUMMARY)


@lru_cache(_CACHED_PARTS)
def name(text: str) -> str:
    """A name, shortened for display."""
    return shorten(text, _LONGEST_NAME)


@lru_cache(_CACHED_PARTS)
def web_link(link: str) -> str:
    """The link if it's an HTTP URL of at most 2,000 bytes, else ``""``."""
    safe = safe_link(link)
    return safe if len(safe.encode()) <= _LONGEST_LINK else ""


def most_frequent(names: Iterable[str], most: int) -> Sequence[tuple[str, int]]:
    """Counts of names, the most frequent first; all but ``most`` names are counted as "others"."""
    found = Counter(names).most_common()
    others = sum(count for _, count in found[most:])
    return [*found[:most], *([(gettext("others"), others)] if others else [])]


@contextmanager
def in_time_zone(name: str) -> Iterator[None]:
    """Write times for a reader in this zone, within everything that's called."""
    token = _reader_zone.set(zone_or_utc(name))
    try:
        yield
    finally:
        _reader_zone.reset(token)


def minute(moment: datetime) -> str:
    """A time to the minute in the reader's zone: ``2026-05-04 14:00 CEST``."""
    return _minute(moment, _reader_zone.get())


@lru_cache(_CACHED_PARTS)
def _minute(moment: datetime, zone: tzinfo) -> str:
    local = moment.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M} {_abbreviation(local)}"


def _abbreviation(local: datetime) -> str:
    """The zone's: ``CEST``, or ``UTC-03`` where it has none."""
    name = local.tzname() or ""
    return f"UTC{name}" if name[:1] in {"+", "-"} else name


def clock(moment: datetime) -> str:
    """The time of day in the reader's zone: ``14:00``."""
    return f"{moment.astimezone(_reader_zone.get()):%H:%M}"


def day_of(moment: datetime) -> date:
    """The date in the reader's zone."""
    return moment.astimezone(_reader_zone.get()).date()


def period(moments: Sequence[datetime]) -> str:
    """The period from the first to the last of these times."""
    first, last = min(moments), max(moments)
    begins, ends = minute(first), minute(last)
    if begins == ends:
        return begins
    zone = ends.rpartition(" ")[2]
    if day_of(first) == day_of(last):
        ends = ends.partition(" ")[2]
    return gettext("{start} to {end}").format(start=begins.removesuffix(f" {zone}"), end=ends)
