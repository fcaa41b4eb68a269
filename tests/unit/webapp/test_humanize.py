from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from webapp.humanize import (
    messages_per_day,
    natural_date,
    natural_time,
    natural_time_without_on,
    weekday_and_date,
)

#: A Thursday; it's an hour to midnight in Prague.
NOW = datetime(2026, 5, 14, 21, tzinfo=UTC)


@pytest.mark.parametrize(("average", "words"), [
    (0, "none"), (0.05, "less than one a week"), (0.43, "about 3 a week"), (1, "about 1 a day"),
    (2.34, "about 2.3 a day"), (11.7, "about 12 a day"), (1234.4, "about 1,234 a day")])
def test_how_many_come_a_day_is_a_number_that_says_something(average: float, words: str) -> None:
    assert messages_per_day(average) == words


@pytest.mark.parametrize(("moment", "words"), [
    (NOW, "today at 21:00"),
    (NOW.replace(day=13), "yesterday at 21:00"),
    (NOW.replace(day=15, hour=8), "tomorrow at 08:00"),
    (NOW.replace(day=18), "on Monday at 21:00"),
    (NOW.replace(day=21), "on 21 May at 21:00"),
    (NOW.replace(day=1), "on 1 May at 21:00"),
    (NOW.replace(year=2027), "on 14 May 2027 at 21:00"),
])
def test_a_moment_is_told_as_seen_from_now(moment: datetime, words: str) -> None:
    assert natural_time(moment, NOW, UTC) == words


def test_a_moment_is_told_where_its_reader_is() -> None:
    prague = ZoneInfo("Europe/Prague")

    assert natural_time(NOW.replace(hour=23), NOW, prague) == "tomorrow at 01:00"
    assert natural_time(NOW, NOW.replace(hour=23), prague) == "yesterday at 23:00"


def test_until_needs_no_other_word_with_it() -> None:
    assert natural_time_without_on(NOW.replace(day=18), NOW, UTC) == "Monday at 21:00"
    assert natural_time_without_on(NOW.replace(day=21), NOW, UTC) == "21 May at 21:00"
    assert natural_time_without_on(NOW, NOW, UTC) == "today at 21:00"


def test_a_date_is_that_of_its_reader() -> None:
    assert natural_date(NOW.replace(hour=23), UTC) == "14 May 2026"
    assert natural_date(NOW.replace(hour=23), ZoneInfo("Europe/Prague")) == "15 May 2026"


def test_a_day_is_told_with_what_day_of_the_week_it_is() -> None:
    assert weekday_and_date(NOW.date()) == "Thursday, 14 May"
