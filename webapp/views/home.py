"""Home page: channel overview for signed-in people, landing page for others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyramid.config import Configurator
from pyramid.security import NO_PERMISSION_REQUIRED

from fmn.ledger.day_range import DayCount
from fmn.ledger.figures.personal import DailyCounts
from fmn.localized import number_text
from fmn.people.preferences import Frequency, QuietHours
from fmn.people.schedule_text import frequency_text, quiet_hours_text
from fmn.translations import gettext as _
from webapp.charts import Chart, Series
from webapp.context_names import context_heading, context_name
from webapp.humanize import messages_per_day, weekday_and_date
from webapp.owned import current_user
from webapp.preferences.channel_overview import channel_overviews
from webapp.request import Request
from webapp.times import time_element

Page = Mapping[str, object]


def includeme(config: Configurator) -> None:
    """Add the view."""
    config.add_view(
        home, route_name="home", request_method="GET", renderer="landing.mako",
        permission=NO_PERMISSION_REQUIRED)


def home(request: Request) -> Page:
    """Home page or landing page. A program's token counts as anonymous here."""
    if request.identity is None or request.identity.token is not None:
        return {"days": request.services.settings.history.days}
    request.override_renderer = "home.mako"
    return _overview_page(request)


def _overview_page(request: Request) -> Page:
    me = current_user(request, request.read_session)
    channels = channel_overviews(
        request.read_session, me, request.contexts, request.now, request.services.settings.flood)
    figures = _figures([each.figures for each in channels])
    return {
        "figures": figures,
        "figures_in_words": "" if figures is None else _in_words(figures),
        "volume": _volume,
        "channels": channels,
        "new": me.set_up_at is None and not any(each.filters.total for each in channels),
        "context_name": context_name, "context_heading": context_heading,
        "frequency_text": lambda it: frequency_text(Frequency.of(it)),
        "quiet_hours_text": lambda it: quiet_hours_text(QuietHours.of(it)),
        "when": lambda moment: time_element(request, moment),
    }


def _figures(channels: Sequence[DailyCounts]) -> Chart | None:
    """Chart of what came and what was sent by all channels; ``None`` if nothing came."""
    if not any(each.total for each in channels):
        return None
    days = [weekday_and_date(day.date) for day in channels[0].came]
    return Chart(days, [
        Series(_("Notifications"), _sums([each.came for each in channels])),
        Series(_("Sent"), _sums([each.sent for each in channels]), "sent")])


def _sums(counts: Sequence[Sequence[DayCount]]) -> Sequence[int]:
    return [sum(day.messages for day in days) for days in zip(*counts, strict=True)]


def _in_words(figures: Chart) -> str:
    came, sent = figures.series
    return _("{came} notifications and {sent} deliveries in the last {days} days").format(
        came=number_text(came.total), sent=number_text(sent.total), days=len(figures.labels))


def _volume(figures: DailyCounts) -> str:
    days = len(figures.came)
    if not figures.total:
        return _("no notifications in the last {days} days").format(days=days)
    return _("{rate}, {count} in the last {days} days").format(
        rate=messages_per_day(figures.average), count=number_text(figures.total), days=days)
