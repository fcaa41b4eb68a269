"""Contexts: whether, how often and when not, and how it looks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import time
from typing import Annotated, Any, Final, Self

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from fmn.errors import ConflictError, UserError
from fmn.people import preferences
from fmn.people.models import Preference
from fmn.people.schedule_text import frequency_text, quiet_hours_text
from webapp.api.etags import expected_version
from webapp.api.models import DAYS, Day, KeptContext, RequestModel, ResponseModel, Version
from webapp.api.operations import Operation, operation
from webapp.api.problems import invalid
from webapp.identity import Permission
from webapp.owned import owned_preference
from webapp.request import Request

ClockTime = Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["08:00"])]
Count = Annotated[int, Field(ge=preferences.DIGEST_COUNTS[0], le=preferences.DIGEST_COUNTS[-1])]
Seconds = Annotated[int, Field(ge=preferences.DIGEST_SECONDS[0], le=preferences.DIGEST_SECONDS[-1])]


class Frequency(ResponseModel):
    """When notifications are sent. With nothing set, immediately.

    Otherwise a digest is sent after ``digest_count`` notifications, ``digest_seconds`` after the first of
    them, or at the ``clock_times`` of the ``clock_days``, whichever comes first.
    """

    digest_count: int | None
    digest_seconds: int | None
    clock_times: list[str]
    clock_days: list[Day]


class QuietHours(ResponseModel):
    """Times between which nothing is sent; with ``quiet_lets_severe``, errors are sent anyway."""

    quiet_from: str | None
    quiet_until: str | None
    quiet_lets_severe: bool


class Presentation(ResponseModel):
    """Format of notifications: full text or summary, reason and links, short links, markup.

    With ``mime_digest``, a digest by e-mail is a MIME digest with one mail per notification.
    """

    long_text: bool
    trigger_links: bool
    short_links: bool
    markup: bool
    mime_digest: bool


class ContextSettings(ResponseModel):
    """The settings of a context.

    ``words`` describe the schedule; ``reachable`` is whether an address is confirmed.
    """

    context: KeptContext
    enabled: bool
    reachable: bool
    words: str
    frequency: Frequency
    quiet_hours: QuietHours
    presentation: Presentation
    version: int

    @classmethod
    def of(cls, preference: Preference) -> Self:
        """Those of a preference."""
        ways = [frequency_text(preference), quiet_hours_text(preference)]
        return cls(
            context=preference.context, enabled=preference.enabled,
            reachable=any(address.confirmed_at for address in preference.detail_values),
            words=", ".join(filter(None, ways)),
            frequency=Frequency(
                digest_count=preference.digest_count, digest_seconds=preference.digest_seconds,
                clock_times=preference.clock_times, clock_days=[DAYS[day] for day in preference.clock_days]),
            quiet_hours=QuietHours(
                quiet_from=_shown(preference.quiet_from), quiet_until=_shown(preference.quiet_until),
                quiet_lets_severe=preference.quiet_lets_severe),
            presentation=Presentation(
                long_text=preference.long_text, trigger_links=preference.trigger_links,
                short_links=preference.short_links, markup=preference.markup,
                mime_digest=preference.mime_digest),
            version=preference.version)


class Contexts(ResponseModel):
    """The account’s contexts: its channels of notification."""

    contexts: list[ContextSettings]


class SentFrequency(RequestModel):
    """Changes of the schedule. ``null`` removes a limit."""

    digest_count: Count | None = None
    digest_seconds: Seconds | None = None
    clock_times: Annotated[tuple[ClockTime, ...], Field(max_length=preferences.MAX_TIMES_PER_DAY)] = ()
    clock_days: Annotated[tuple[Day, ...], Field(max_length=len(DAYS))] = ()


class SentQuietHours(RequestModel):
    """Changes of quiet hours. ``null`` for both times turns them off."""

    quiet_from: ClockTime | None = None
    quiet_until: ClockTime | None = None
    quiet_lets_severe: bool = True


class SentPresentation(RequestModel):
    """Changes of the format."""

    long_text: bool = True
    trigger_links: bool = True
    short_links: bool = False
    markup: bool = True
    mime_digest: bool = False


class ContextChanges(RequestModel):
    """Changes of a context. Omitted fields stay as they are, within groups as well."""

    enabled: bool | None = None
    frequency: SentFrequency | None = None
    quiet_hours: SentQuietHours | None = None
    presentation: SentPresentation | None = None
    version: Version = None


@operation("api_contexts", "GET", Permission.READ)
def list_contexts(request: Request) -> Contexts:
    """List the settings of all contexts."""
    found = request.read_session.scalars(
        select(Preference).options(selectinload(Preference.detail_values))
        .where(Preference.user_id == request.me.user_id, Preference.context.in_(request.contexts))
        .order_by(Preference.context))
    return Contexts(contexts=[ContextSettings.of(preference) for preference in found])


@operation("api_context", "GET", Permission.READ)
def show_context(request: Request) -> ContextSettings:
    """Show the settings of a context."""
    return ContextSettings.of(owned_preference(request, request.read_session))


@operation("api_context", "PATCH", Permission.WRITE, fails=(409, 412))
def change_context(request: Request, body: ContextChanges) -> ContextSettings:
    """Change a context: on or off, schedule, quiet hours, format.

    Changes apply from the next message.
    """
    preference = owned_preference(request, request.db)
    _check_version(request.db, preference, expected_version(request, body.version))
    _change(request.db, preference, body)
    return ContextSettings.of(preference)


def _check_version(session: Session, preference: Preference, version: int | None) -> None:
    session.refresh(preference, with_for_update={"key_share": True})
    if version is not None and preference.version != version:
        raise ConflictError


def _change(session: Session, preference: Preference, body: ContextChanges) -> None:
    if body.enabled is not None:
        preferences.set_enabled(session, preference, on=body.enabled)
    if body.frequency is not None:
        with _within("frequency"):
            preferences.set_frequency(session, preference, _frequency(preference, body.frequency), None)
    if body.quiet_hours is not None:
        with _within("quiet_hours"):
            preferences.set_quiet_hours(session, preference, _quiet_hours(preference, body.quiet_hours), None)
    if body.presentation is not None:
        now = preferences.current_settings(preferences.Presentation, preference)
        preferences.set_presentation(session, preference, replace(now, **_given(body.presentation)), None)


def _frequency(preference: Preference, sent: SentFrequency) -> preferences.Frequency:
    given = _given(sent)
    if "clock_days" in given:
        given["clock_days"] = [DAYS.index(day) for day in given["clock_days"]]
    return replace(preferences.current_settings(preferences.Frequency, preference), **given)


def _quiet_hours(preference: Preference, sent: SentQuietHours) -> preferences.QuietHours:
    given = _given(sent)
    for name in given.keys() - {"quiet_lets_severe"}:
        given[name] = time.fromisoformat(given[name]) if given[name] else None
    return replace(preferences.current_settings(preferences.QuietHours, preference), **given)


def _given(sent: RequestModel) -> dict[str, Any]:
    return sent.model_dump(exclude_unset=True)


@contextmanager
def _within(group: str) -> Iterator[None]:
    """What's wrong with a field of a group has the group in its place."""
    try:
        yield
    except UserError as error:
        raise invalid(str(error), f"/{group}/{error.field}" if error.field else f"/{group}") from None


def _shown(moment: time | None) -> str | None:
    return f"{moment:%H:%M}" if moment else None


OPERATIONS: Final[tuple[Operation, ...]] = (list_contexts, show_context, change_context)
