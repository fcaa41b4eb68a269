"""Contexts: whether, how often and when not, and how it looks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Self, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from fmn.errors import ConflictError, UserError
from fmn.people.models import Preference
from fmn.people.preferences import (
    ContextValues,
    Frequency,
    Presentation,
    QuietHours,
    set_enabled,
    set_frequency,
    set_presentation,
    set_quiet_hours,
)
from fmn.people.schedule_text import frequency_text, quiet_hours_text
from webapp.api.etags import expected_version
from webapp.api.models import KeptContext, RequestModel, ResponseModel, Version
from webapp.api.operations import Operation, operation
from webapp.api.problems import invalid
from webapp.identity import Permission
from webapp.owned import owned_preference
from webapp.request import Request

Values = TypeVar("Values", bound=ContextValues)


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
        frequency, quiet_hours = Frequency.of(preference), QuietHours.of(preference)
        ways = [frequency_text(frequency), quiet_hours_text(quiet_hours)]
        return cls(
            context=preference.context, enabled=preference.enabled,
            reachable=any(address.confirmed_at for address in preference.detail_values),
            words=", ".join(filter(None, ways)),
            frequency=frequency, quiet_hours=quiet_hours, presentation=Presentation.of(preference),
            version=preference.version)


class Contexts(ResponseModel):
    """The account’s contexts: its channels of notification."""

    contexts: list[ContextSettings]


class SentFrequency(Frequency):
    """Changes of the schedule. ``null`` removes a limit."""


class SentQuietHours(QuietHours):
    """Changes of quiet hours. ``null`` for both times turns them off."""


class SentPresentation(Presentation):
    """Changes of the format."""


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
        set_enabled(session, preference, on=body.enabled)
    if body.frequency is not None:
        with _within("frequency"):
            set_frequency(
                session, preference, _changed(Frequency.of(preference), body.frequency), None)
    if body.quiet_hours is not None:
        with _within("quiet_hours"):
            set_quiet_hours(
                session, preference, _changed(QuietHours.of(preference), body.quiet_hours), None)
    if body.presentation is not None:
        set_presentation(
            session, preference, _changed(Presentation.of(preference), body.presentation), None)


def _changed(now: Values, sent: Values) -> Values:
    """What is set, with what a program sent of it in its place."""
    return now.model_copy(update={name: getattr(sent, name) for name in sent.model_fields_set})


@contextmanager
def _within(group: str) -> Iterator[None]:
    """What's wrong with a field of a group has the group in its place."""
    try:
        yield
    except UserError as error:
        raise invalid(str(error), f"/{group}/{error.field}" if error.field else f"/{group}") from None


OPERATIONS: Final[tuple[Operation, ...]] = (list_contexts, show_context, change_context)
