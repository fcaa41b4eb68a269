"""What somebody wants in a context: whether, how often and when not, and how it looks.

Each of these is saved by itself. Whoever saves says which version of the preference they saw, and gets
:class:`~fmn.errors.ConflictError` if it isn't that any more; ``None`` is whatever there is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import time
from typing import Any, Final, TypeVar

from sqlalchemy.orm import Session

from fmn.errors import UserError
from fmn.people.change_log import check_version, preference_changed, record_change
from fmn.people.models import Preference

#: Messages in a digest; seconds that its first message waits.
DIGEST_COUNTS: Final = range(2, 1_001)
DIGEST_SECONDS: Final = range(60, 7 * 86_400 + 1)
#: Digests a day by the clock. More of them would be "every hour".
MAX_TIMES_PER_DAY: Final = 12
#: Monday to Sunday.
DAYS: Final = range(7)
_TIME: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


@dataclass(frozen=True)
class Frequency:
    """How often: as :class:`~fmn.people.models.Preference` has it, and with nothing set at once."""

    digest_count: int | None = None
    digest_seconds: int | None = None
    clock_times: Sequence[str] = ()
    clock_days: Sequence[int] = ()


@dataclass(frozen=True)
class QuietHours:
    """From when until when nothing is sent, both ``None`` for never, and whether severe things are."""

    quiet_from: time | None = None
    quiet_until: time | None = None
    quiet_lets_severe: bool = True


@dataclass(frozen=True)
class Presentation:
    """How notifications look: as :class:`~fmn.people.models.Preference` has it."""

    long_text: bool = True
    trigger_links: bool = True
    short_links: bool = False
    markup: bool = True
    mime_digest: bool = False


Group = TypeVar("Group", Frequency, QuietHours, Presentation)
#: What the bus calls the parts of a presentation.
PRESENTATION_PARTS: Final[Mapping[str, str]] = {
    "long_text": "shown", "trigger_links": "triggered_by_links", "short_links": "shorten_links",
    "markup": "markup_messages", "mime_digest": "mime_digest"}


def current_settings(group: type[Group], preference: Preference) -> Group:
    """What is set of a group."""
    return group(**{each.name: getattr(preference, each.name) for each in fields(group)})


def set_enabled(session: Session, preference: Preference, *, on: bool) -> bool:
    """Switch a context on or off, whatever else was changed; returns whether it wasn't so already."""
    _lock(session, preference)
    if preference.enabled is on:
        return False
    check_version(preference, None)
    preference.enabled = on
    _note(session, preference, "enabled")
    return True


def set_frequency(session: Session, preference: Preference, wanted: Frequency, seen: int | None) -> None:
    """Save how often somebody is written to. Raises :class:`UserError`."""
    _save(session, preference, validate_frequency(wanted), seen)
    _note(session, preference, "batch_values")


def set_quiet_hours(
    session: Session, preference: Preference, wanted: QuietHours, seen: int | None,
) -> None:
    """Save when somebody isn't written to. Raises :class:`UserError`."""
    validate_quiet_hours(wanted)
    _save(session, preference, wanted, seen)
    _note(session, preference, "batch_values")


def set_presentation(
    session: Session, preference: Preference, wanted: Presentation, seen: int | None,
) -> None:
    """Save how notifications look, those among them that wait to be sent."""
    _lock(session, preference)
    before = asdict(current_settings(Presentation, preference))
    _save(session, preference, wanted, seen)
    _note(session, preference, *(
        PRESENTATION_PARTS[name] for name, value in asdict(wanted).items() if value != before[name]))


def parse_times(text: str) -> Sequence[str]:
    """Times of day as somebody typed them: ``8:00, 17:30``. Raises :class:`UserError`."""
    return [_time(each) for each in re.split(r"[\s,;]+", text.strip()) if each]


def validate_frequency(wanted: Frequency) -> Frequency:
    """The same as it's kept: times in order, each once. Raises :class:`UserError`."""
    if wanted.digest_count is not None and wanted.digest_count not in DIGEST_COUNTS:
        raise UserError(
            f"A digest can have from {DIGEST_COUNTS[0]} to {DIGEST_COUNTS[-1]:,} messages.", "digest_count")
    if wanted.digest_seconds is not None and wanted.digest_seconds not in DIGEST_SECONDS:
        raise UserError("A digest can wait for a minute at least and a week at most.", "digest_seconds")
    times = sorted({_time(each) for each in wanted.clock_times})
    if len(times) > MAX_TIMES_PER_DAY:
        raise UserError(f"There can be {MAX_TIMES_PER_DAY} times of day at most.", "clock_times")
    days = sorted(set(wanted.clock_days))
    if not set(days) <= set(DAYS):
        raise UserError("Days are numbers from 0, Monday, to 6, Sunday.", "clock_days")
    if times and not days:
        raise UserError("Choose at least one day.", "clock_days")
    return Frequency(wanted.digest_count, wanted.digest_seconds, times, days if times else [])


def _time(text: str) -> str:
    found = _TIME.fullmatch(text)
    if found is None:
        raise UserError(f"“{text[:20]}” isn’t a time of day. Write one such as 08:00.", "clock_times")
    return f"{int(found[1]):02}:{found[2]}"


def validate_quiet_hours(wanted: QuietHours) -> None:
    """Raises :class:`UserError` for hours that make no sense."""
    if (wanted.quiet_from is None) is not (wanted.quiet_until is None):
        missing = "quiet_from" if wanted.quiet_from is None else "quiet_until"
        raise UserError("Say from when until when, or leave both empty.", missing)
    if wanted.quiet_from is not None and wanted.quiet_from == wanted.quiet_until:
        raise UserError(
            "These quiet hours would never end. Choose another time, or switch everything off instead.",
            "quiet_until")


def _save(session: Session, preference: Preference, wanted: Any, seen: int | None) -> None:
    _lock(session, preference)
    check_version(preference, seen)
    for name, value in asdict(wanted).items():
        setattr(preference, name, value)


def _lock(session: Session, preference: Preference) -> None:
    # As it is now, for this session may have read it before somebody else changed it. Those who only refer
    # to the row needn't wait.
    session.refresh(preference, with_for_update={"key_share": True})


def _note(session: Session, preference: Preference, *parts: str) -> None:
    session.flush()  # the row before the revision, see fmn/filters/account_creation.py
    record_change(session, [preference.user_id], *(
        preference_changed(preference.context, part) for part in parts))
