"""Pausing all of somebody's channels, and going on."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.response import Response

from fmn.errors import UserError
from fmn.ledger.pauses import end_on, pause, resume
from fmn.people.local_time import local_date
from fmn.translations import gettext as _
from webapp.flash_messages import flash
from webapp.forms import Form, read_form
from webapp.humanize import natural_time_without_on
from webapp.owned import current_user, current_user_zone
from webapp.redirects import safe_redirect
from webapp.request import Request


class PauseSpan(StrEnum):
    """How long a pause lasts, as people choose it."""

    HOUR = "hour"
    TOMORROW = "tomorrow"
    DAY = "day"


class PauseForm(Form):
    """Pauses everything for a span, or until a day."""

    span: PauseSpan
    day: Annotated[date, Field(ge=date(2000, 1, 1), lt=date(9000, 1, 1))] | None = None

    def until(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The end of a pause that begins now.

        :raises ~fmn.errors.UserError: there's no day
        """
        if self.span is PauseSpan.HOUR:
            return now + timedelta(hours=1)
        day = local_date(now, zone) + timedelta(days=1) if self.span is PauseSpan.TOMORROW else self.day
        if day is None:
            raise UserError(_("Choose the day on which you want to get notifications again."), "day")
        return end_on(day, zone)


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(pause_all, route_name="pause", request_method="POST")
    config.add_view(resume_all, route_name="resume", request_method="POST")


def pause_all(request: Request) -> Response:
    """Pause all channels."""
    zone = current_user_zone(request)
    try:
        until = read_form(PauseForm, request.POST).until(request.now, zone)
        pause(request.db, current_user(request, request.db), until, request.now)
    except UserError as error:
        flash(request, _("Nothing was paused. {reason}").format(reason=str(error)), error=True)
    else:
        flash(request, _("Paused until {time}. Then you get a digest of what came meanwhile.").format(
            time=natural_time_without_on(until, request.now, zone)))
    return _back(request)


def resume_all(request: Request) -> Response:
    """End the pause. Idempotent."""
    resume(request.db, current_user(request, request.db), request.now)
    flash(request, _("Your notifications are on again. What came meanwhile is on its way."))
    return _back(request)


def _back(request: Request) -> Response:
    return HTTPSeeOther(safe_redirect(request.POST.get("to", "")) or request.route_path("home"))
