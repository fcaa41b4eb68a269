"""Numbers, dates and lists as people write them, in the language that is spoken now.

English ones are made by Python itself, so that who speaks it needs no locale data.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from fmn.text import SERIES_LENGTH
from fmn.translations import SOURCE_LANGUAGE, current_language, gettext


def number_text(number: float) -> str:
    """A number with its separators, at most two digits after the point: ``1,234``, ``2.5``."""
    if current_language() == SOURCE_LANGUAGE:
        return f"{number:,}" if isinstance(number, int) else _short(f"{number:,.2f}")
    from babel.numbers import format_decimal  # noqa: PLC0415 - only who speaks another language

    return format_decimal(number, "#,##0.##", locale=current_language())


def long_date(day: date) -> str:
    """A date with its year: ``14 May 2026``."""
    return _written(day, "yMMMMd", f"{day.day} {day:%B %Y}")


def day_and_month(day: date) -> str:
    """A date of this year: ``14 May``."""
    return _written(day, "MMMMd", f"{day.day} {day:%B}")


def weekday_and_date(day: date) -> str:
    """A date of this year with its weekday: ``Thursday, 14 May``."""
    return gettext("{weekday}, {date}").format(weekday=weekday(day), date=day_and_month(day))


def weekday_and_long_date(day: date) -> str:
    """A date with its weekday and year: ``Thursday, 14 May 2026``."""
    return gettext("{weekday}, {date}").format(weekday=weekday(day), date=long_date(day))


def short_date(day: date, *, has_year: bool) -> str:
    """A date for where there's little room: ``14 May``, ``14 May 2026``."""
    if has_year:
        return _written(day, "yMMMd", f"{day.day} {day:%b %Y}")
    return _written(day, "MMMd", f"{day.day} {day:%b}")


def short_weekday_and_date(day: date) -> str:
    """The same for where there's little room: ``Thu 14 May``."""
    return _written(day, "MMMEd", f"{day:%a %d %b}")


def weekday(day: date) -> str:
    """Name of a day of the week: ``Thursday``."""
    if current_language() == SOURCE_LANGUAGE:
        return f"{day:%A}"
    from babel.dates import format_date  # noqa: PLC0415 - only who speaks another language

    return format_date(day, "EEEE", locale=current_language())


def weekday_name(number: int) -> str:
    """Name of a day of the week, of which Monday is 0."""
    return weekday(date(2024, 1, 1 + number))  # the year began with a Monday


def series(items: Iterable[str], most: int = SERIES_LENGTH) -> str:
    """List of the items: ``a and b``, ``a, b and c``, above ``most`` items ``a, b, c and 4 more``."""
    named = [item for item in items if item]
    if len(named) > most:
        rest = gettext("{number} more").format(number=number_text(len(named) - most))
        named = [*named[:most], rest]
    if len(named) < 2:  # noqa: PLR2004 - only several are joined
        return "".join(named)
    return gettext("{items} and {last}").format(items=", ".join(named[:-1]), last=named[-1])


def _short(text: str) -> str:
    return text.rstrip("0").rstrip(".")


def _written(day: date, skeleton: str, english: str) -> str:
    if current_language() == SOURCE_LANGUAGE:
        return english
    from babel.dates import format_skeleton  # noqa: PLC0415 - only who speaks another language

    return format_skeleton(skeleton, day, locale=current_language())
