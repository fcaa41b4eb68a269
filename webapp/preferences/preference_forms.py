"""The forms of a preference: what they show, and what somebody typed into them as the rooms below take it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, model_validator
from webob.multidict import MultiDict

from fmn.people.models import Preference
from fmn.people.preferences import DAYS, Frequency, Presentation, QuietHours, parse_times
from fmn.translations import gettext, mark
from webapp.forms import Form

#: Seconds in the units that a digest's wait is given in, the largest first.
DURATION_UNITS: Final[Mapping[str, str]] = {
    "86400": mark("days"), "3600": mark("hours"), "60": mark("minutes")}
#: Ways of being written to, and which fields say more of each.
MODE_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "once": (), "digest": ("digest_count", "digest_seconds"), "clock": ("clock_times", "clock_days")}
#: Monday to Friday.
WORKDAYS: Final = range(5)
_AFTER_FOUR_HOURS: Final = ("4", "3600")
_AT_EIGHT: Final = "08:00"

#: Boxes that aren't ticked aren't sent.
Checkbox = Annotated[bool, BeforeValidator(lambda value: value == "true")]


class FrequencyForm(Form):
    """How often. What belongs to a way that isn't chosen doesn't count."""

    version: int
    mode: Literal["once", "digest", "clock"]
    digest_count: int | None = None
    digest_seconds: int | None = None
    unit: Literal["60", "3600", "86400"] = "60"
    clock_times: str = ""
    clock_days: tuple[Annotated[int, Field(ge=0, lt=len(DAYS))], ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _only_fields_of_the_mode(cls, typed: dict[str, Any]) -> dict[str, Any]:
        asked = {"version", "mode", "unit", *MODE_FIELDS.get(typed.get("mode", ""), ())}
        return {name: value for name, value in typed.items() if name in asked}

    @model_validator(mode="after")
    def _has_a_limit_or_times(self) -> FrequencyForm:
        if self.mode == "digest" and self.digest_count is None and self.digest_seconds is None:
            raise ValueError(gettext("Enter a number of notifications, a time, or both."))
        if self.mode == "clock" and not self.clock_times:
            raise ValueError(gettext("Enter at least one time of day."))
        return self

    @property
    def frequency(self) -> Frequency:
        """The same as it's kept. Raises :class:`~fmn.errors.UserError`."""
        wait = None if self.digest_seconds is None else self.digest_seconds * int(self.unit)
        return Frequency(
            digest_count=self.digest_count, digest_seconds=wait, clock_times=parse_times(self.clock_times),
            clock_days=[DAYS[day] for day in self.clock_days])


class QuietHoursForm(Form):
    """When nothing is sent."""

    version: int
    quiet_from: time | None = None
    quiet_until: time | None = None
    quiet_lets_severe: Checkbox = False

    @property
    def quiet_hours(self) -> QuietHours:
        """The same as it's kept."""
        return QuietHours(**{name: getattr(self, name) for name in QuietHours.model_fields})


class PresentationForm(Form):
    """What notifications look like."""

    version: int
    long_text: Checkbox = False
    trigger_links: Checkbox = False
    short_links: Checkbox = False
    markup: Checkbox = False
    mime_digest: Checkbox = False

    @property
    def presentation(self) -> Presentation:
        """The same as it's kept."""
        return Presentation(**{name: getattr(self, name) for name in Presentation.model_fields})


@dataclass(frozen=True)
class FormState:
    """A form as it's shown: the fields' texts, what is wrong with them, whether it has to be looked at.

    With ``conflict`` something else was saved since whoever typed this loaded the page.
    """

    values: Mapping[str, Any]
    problems: Mapping[str, str] = field(default_factory=dict)
    conflict: bool = False

    @property
    def opened(self) -> bool:
        """Whether there's something in it to look at."""
        return self.conflict or bool(self.problems)


def frequency_values(preference: Preference) -> Mapping[str, Any]:
    """What the form for how often shows; what isn't set is suggested."""
    wait, unit = _in_largest_unit(preference.digest_seconds) if _has_digest(preference) else _AFTER_FOUR_HOURS
    return {
        "mode": "clock" if preference.clock_times else "digest" if _has_digest(preference) else "once",
        "digest_count": str(preference.digest_count or ""), "digest_seconds": wait, "unit": unit,
        "clock_times": ", ".join(preference.clock_times) or _AT_EIGHT,
        "clock_days": {str(day) for day in preference.clock_days or WORKDAYS},
    }


def quiet_hours_values(preference: Preference) -> Mapping[str, Any]:
    """What the form for quiet hours shows."""
    start, end = preference.quiet_from, preference.quiet_until
    return {
        "quiet_from": f"{start:%H:%M}" if start else "", "quiet_until": f"{end:%H:%M}" if end else "",
        "quiet_lets_severe": preference.quiet_lets_severe,
    }


def presentation_values(preference: Preference) -> Mapping[str, Any]:
    """What the form for the looks shows."""
    return Presentation.of(preference).columns()


def submitted_values(form: type[Form], sent: MultiDict[str, str]) -> Mapping[str, Any]:
    """What a form shows that somebody filled in."""
    return {name: _submitted_value(
        name, annotation.annotation, sent) for name, annotation in form.model_fields.items()}


def _submitted_value(name: str, annotation: Any, sent: MultiDict[str, str]) -> object:
    if annotation is bool:
        return sent.get(name) == "true"
    return set(sent.getall(name)) if name == "clock_days" else sent.get(name, "")


def _has_digest(preference: Preference) -> bool:
    return preference.digest_count is not None or preference.digest_seconds is not None


def _in_largest_unit(seconds: int | None) -> tuple[str, str]:
    """So many of the largest unit that leaves no rest; of the smallest, rather one too many."""
    if seconds is None:
        return "", _AFTER_FOUR_HOURS[1]
    unit = next((unit for unit in DURATION_UNITS if seconds % int(unit) == 0), "60")
    return str(-(-seconds // int(unit))), unit
