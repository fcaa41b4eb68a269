"""Settings of a context: the values :class:`Frequency`, :class:`QuietHours` and :class:`Presentation`, saved.

Each value is the one declaration of its fields: the rows of preferences, files, the API, the forms and the
schedule of digests use it. The names of the classes and of their fields are part of files and of the API's
document.

Each is saved by itself. ``seen`` is the version of the preference that the caller saw;
:class:`~fmn.errors.ConflictError` is raised if there's another by now, unless ``seen`` is ``None``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import time
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from sqlalchemy.orm import Session

from fmn.errors import UserError
from fmn.localized import number_text
from fmn.people.change_log import check_version, preference_changed, record_change
from fmn.people.models import Preference
from fmn.translations import gettext

#: Messages in a digest; seconds that its first message waits.
DIGEST_COUNTS: Final = range(2, 1_001)
DIGEST_SECONDS: Final = range(60, 7 * 86_400 + 1)
#: Digests a day at set times. More of them would be "every hour".
MAX_TIMES_PER_DAY: Final = 12
#: The days of a week, in the order of the numbers by which rows of preferences name them.
DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: A time of day, written.
CLOCK: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
#: The same as people type it.
_TYPED_CLOCK: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
#: What the bus calls the parts of a presentation.
PRESENTATION_PARTS: Final[Mapping[str, str]] = {
    "long_text": "shown", "trigger_links": "triggered_by_links", "short_links": "shorten_links",
    "markup": "markup_messages", "mime_digest": "mime_digest"}

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def _time_of_day(value: object) -> time:
    if isinstance(value, str) and re.fullmatch(CLOCK, value):
        return time.fromisoformat(value)
    # TOML has times of its own
    if isinstance(value, time) and not (value.second or value.microsecond):
        return value
    raise ValueError(gettext("it should be a time of day such as 08:00"))


TimeOfDay = Annotated[
    time, BeforeValidator(_time_of_day), PlainSerializer(lambda value: f"{value:%H:%M}"),
    WithJsonSchema({"type": "string", "pattern": CLOCK, "examples": ["08:00"]})]
#: Limits are in the API's document; :meth:`ContextValues.normalized` checks them, with sentences for people.
DigestCount = Annotated[int, Field(json_schema_extra={
    "minimum": DIGEST_COUNTS[0], "maximum": DIGEST_COUNTS[-1]})]
DigestSeconds = Annotated[int, Field(json_schema_extra={
    "minimum": DIGEST_SECONDS[0], "maximum": DIGEST_SECONDS[-1]})]
ClockTimes = Annotated[list[TimeOfDay], Field(json_schema_extra={"maxItems": MAX_TIMES_PER_DAY})]
ClockDays = Annotated[list[Day], Field(json_schema_extra={"maxItems": len(DAYS)})]


class ContextValues(BaseModel):
    """Settings of a context that are saved together. Unknown fields are errors, most likely misspelt."""

    model_config = ConfigDict(
        hide_input_in_errors=True, extra="forbid", strict=True, frozen=True,
        json_schema_serialization_defaults_required=True)

    @classmethod
    def of(cls, preference: Preference) -> Self:
        """What is set now."""
        return cls.model_construct(**{name: getattr(preference, name) for name in cls.model_fields})

    def columns(self) -> Mapping[str, Any]:
        """The values of the preference's columns, by name."""
        return {name: getattr(self, name) for name in type(self).model_fields}

    def normalized(self) -> Self:
        """The values as they are saved. Raises :class:`~fmn.errors.UserError`."""
        return self


class Frequency(ContextValues):
    """When notifications are sent. With nothing set, each at once.

    Otherwise as soon as ``digest_count`` wait, ``digest_seconds`` after the first of them, or at the
    ``clock_times`` of the ``clock_days``, whichever comes first.
    """

    digest_count: DigestCount | None = None
    digest_seconds: DigestSeconds | None = None
    clock_times: ClockTimes = []
    clock_days: ClockDays = []

    @classmethod
    def of(cls, preference: Preference) -> Self:
        """What is set now. Times that can't be read are left out: other people's digests must not wait."""
        return cls.model_construct(
            digest_count=preference.digest_count, digest_seconds=preference.digest_seconds,
            clock_times=list(_readable(preference.clock_times)),
            clock_days=[DAYS[day] for day in preference.clock_days if day in range(len(DAYS))])

    def columns(self) -> Mapping[str, Any]:
        """The values of the preference's columns, by name."""
        return {
            **super().columns(), "clock_times": [f"{each:%H:%M}" for each in self.clock_times],
            "clock_days": [DAYS.index(each) for each in self.clock_days]}

    def normalized(self) -> Self:
        """Times and days in order, each once. Raises :class:`~fmn.errors.UserError`."""
        if self.digest_count is not None and self.digest_count not in DIGEST_COUNTS:
            raise UserError(
                gettext("A digest can have from {least} to {most} messages.").format(
                    least=DIGEST_COUNTS[0], most=number_text(DIGEST_COUNTS[-1])),
                "digest_count")
        if self.digest_seconds is not None and self.digest_seconds not in DIGEST_SECONDS:
            raise UserError(
                gettext("A digest can wait for a minute at least and a week at most."), "digest_seconds")
        times = sorted(set(self.clock_times))
        if len(times) > MAX_TIMES_PER_DAY:
            raise UserError(gettext("There can be {number} times of day at most.").format(
                number=MAX_TIMES_PER_DAY), "clock_times")
        if times and not self.clock_days:
            raise UserError(gettext("Choose at least one day."), "clock_days")
        days = sorted(set(self.clock_days), key=DAYS.index) if times else []
        return self.model_copy(update={"clock_times": times, "clock_days": days})


class QuietHours(ContextValues):
    """From when until when nothing is sent, but what is severe with ``quiet_lets_severe``."""

    quiet_from: TimeOfDay | None = None
    quiet_until: TimeOfDay | None = None
    quiet_lets_severe: bool = True

    def normalized(self) -> Self:
        """The same. Raises :class:`~fmn.errors.UserError` for hours that make no sense."""
        if (self.quiet_from is None) is not (self.quiet_until is None):
            missing = "quiet_from" if self.quiet_from is None else "quiet_until"
            raise UserError(gettext("Say from when until when, or leave both empty."), missing)
        if self.quiet_from is not None and self.quiet_from == self.quiet_until:
            raise UserError(gettext(
                "These quiet hours would never end. Choose another time, or switch everything off instead."),
                "quiet_until")
        return self


class Presentation(ContextValues):
    """How notifications look: the whole text or a sentence, what triggered them, short links, colours.

    With ``mime_digest`` a digest by e-mail has a mail in it for each notification.
    """

    long_text: bool = True
    trigger_links: bool = True
    short_links: bool = False
    markup: bool = True
    mime_digest: bool = False


def set_enabled(session: Session, preference: Preference, *, on: bool) -> bool:
    """Switch a context on or off. Returns whether that changed anything."""
    _lock(session, preference)
    if preference.enabled is on:
        return False
    check_version(preference, None)
    preference.enabled = on
    _note(session, preference, "enabled")
    return True


def set_frequency(session: Session, preference: Preference, wanted: Frequency, seen: int | None) -> None:
    """Save when notifications are sent. Raises :class:`~fmn.errors.UserError`."""
    _save(session, preference, wanted, seen)
    _note(session, preference, "batch_values")


def set_quiet_hours(
    session: Session, preference: Preference, wanted: QuietHours, seen: int | None,
) -> None:
    """Save when nothing is sent. Raises :class:`~fmn.errors.UserError`."""
    _save(session, preference, wanted, seen)
    _note(session, preference, "batch_values")


def set_presentation(
    session: Session, preference: Preference, wanted: Presentation, seen: int | None,
) -> None:
    """Save how notifications look, pending ones included."""
    _lock(session, preference)
    before = Presentation.of(preference).columns()
    _save(session, preference, wanted, seen)
    _note(session, preference, *(
        PRESENTATION_PARTS[name] for name, value in wanted.columns().items() if value != before[name]))


def _save(session: Session, preference: Preference, wanted: ContextValues, seen: int | None) -> None:
    columns = wanted.normalized().columns()
    _lock(session, preference)
    check_version(preference, seen)
    for name, value in columns.items():
        setattr(preference, name, value)


def _lock(session: Session, preference: Preference) -> None:
    # As it is now, for this session may have read it before somebody else changed it. Those who only refer
    # to the row needn't wait.
    session.refresh(preference, with_for_update={"key_share": True})


def _note(session: Session, preference: Preference, *parts: str) -> None:
    session.flush()  # the row before the revision, see fmn/filters/account_creation.py
    record_change(session, [preference.user_id], *(
        preference_changed(preference.context, part) for part in parts))


def parse_times(text: str) -> list[time]:
    """Parse times of day as typed: ``8:00, 17:30``. Raises :class:`~fmn.errors.UserError`."""
    return [_typed_time(each) for each in re.split(r"[\s,;]+", text.strip()) if each]


def _typed_time(text: str) -> time:
    found = _TYPED_CLOCK.fullmatch(text)
    if found is None:
        raise UserError(gettext("“{text}” isn’t a time of day. Write one such as 08:00.").format(
            text=text[:20]), "clock_times")
    return time(int(found[1]), int(found[2]))


def _readable(texts: Iterable[str]) -> Iterator[time]:
    for text in texts:
        try:
            yield time.fromisoformat(text).replace(tzinfo=None)
        except ValueError:
            continue
