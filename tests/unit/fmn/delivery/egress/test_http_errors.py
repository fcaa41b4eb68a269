"""What a server's answer means, and for how long it asks to be left alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.delivery.contract import DeliveryError
from fmn.delivery.egress.http_errors import LONGEST_WAIT, raise_for_status

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
NOTHING = timedelta()


def wait(status: int, retry_after: str) -> timedelta:
    with pytest.raises(DeliveryError) as failed:
        raise_for_status(status, retry_after, NOON)
    return failed.value.wait


@pytest.mark.parametrize(("retry_after", "expected"), [
    ("", NOTHING),
    ("0", NOTHING),
    ("120", timedelta(minutes=2)),
    ("86400000000000000000000", LONGEST_WAIT),
    ("Mon, 01 Jun 2026 12:05:00 GMT", timedelta(minutes=5)),
    ("Mon, 01 Jun 2026 11:55:00 GMT", NOTHING),
    ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_WAIT),
    ("Mon, 01 Jun 0000 12:00:00 GMT", NOTHING),
    ("-5", NOTHING),
    ("1.5", NOTHING),
    ("soon", NOTHING),
    ("\N{ARABIC-INDIC DIGIT FIVE}", NOTHING),
])
def test_a_server_says_for_how_long_it_wants_nothing(retry_after: str, expected: timedelta) -> None:
    assert wait(429, retry_after) == expected
    assert wait(503, retry_after) == expected


def test_who_wants_nothing_ever_again_need_not_say_when() -> None:
    assert wait(404, "120") == NOTHING


@given(st.text())
def test_whatever_a_server_says_is_no_fault_of_ours(retry_after: str) -> None:
    assert NOTHING <= wait(503, retry_after) <= LONGEST_WAIT


@given(st.integers(0, int(LONGEST_WAIT.total_seconds())))
def test_seconds_and_a_date_say_the_same(seconds: int) -> None:
    date = format_datetime(NOON + timedelta(seconds=seconds), usegmt=True)
    assert wait(429, str(seconds)) == wait(429, date) == timedelta(seconds=seconds)
