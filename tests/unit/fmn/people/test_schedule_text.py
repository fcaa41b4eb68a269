from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from fmn.people.models import Preference
from fmn.people.preferences import Frequency, QuietHours
from fmn.people.schedule_text import duration_text, frequency_text, quiet_hours_text


def preference(**settings: Any) -> Preference:
    return Preference(**{"clock_times": [], "clock_days": [], "quiet_lets_severe": True, **settings})


@pytest.mark.parametrize(("settings", "words"), [
    ({}, "immediately"),
    ({"digest_count": 20}, "in a digest every 20 notifications"),
    ({"digest_seconds": 14_400}, "in a digest every 4 hours"),
    ({"digest_seconds": 3_600, "digest_count": 5}, "in a digest every hour or 5 notifications"),
    ({"clock_times": ["08:00"], "clock_days": [0, 1, 2, 3, 4]}, "in a digest at 08:00 on weekdays"),
    ({"clock_times": ["08:00", "17:30"], "clock_days": list(range(7))},
     "in a digest at 08:00 and 17:30 every day"),
    ({"clock_times": ["09:00"], "clock_days": [6, 5]}, "in a digest at 09:00 at weekends"),
    ({"clock_times": ["09:00"], "clock_days": [0, 2, 4]},
     "in a digest at 09:00 on Monday, Wednesday and Friday"),
    ({"clock_times": ["08:00"], "clock_days": [0], "digest_count": 50},
     "in a digest every 50 notifications, and at 08:00 on Monday"),
])
def test_how_often_is_said_in_words(settings: dict[str, Any], words: str) -> None:
    assert frequency_text(Frequency.of(preference(**settings))) == words


def test_quiet_hours_say_what_comes_nevertheless() -> None:
    night = {"quiet_from": time(22), "quiet_until": time(7, 30)}

    assert quiet_hours_text(QuietHours.of(preference())) == quiet_hours_text(
        QuietHours(quiet_from=time(7), quiet_until=time(7))) == ""
    assert quiet_hours_text(QuietHours.of(preference(**night))) == (
        "no notifications from 22:00 to 07:30, except urgent ones")
    assert quiet_hours_text(QuietHours.of(preference(**night, quiet_lets_severe=False))) == (
        "no notifications from 22:00 to 07:30")


@pytest.mark.parametrize(("seconds", "words"), [
    (1, "1 second"), (90, "90 seconds"), (5_400, "90 minutes"), (7_200, "2 hours"), (86_400, "1 day")])
def test_a_time_is_said_in_the_largest_unit_that_leaves_no_rest(seconds: int, words: str) -> None:
    assert duration_text(seconds) == words
