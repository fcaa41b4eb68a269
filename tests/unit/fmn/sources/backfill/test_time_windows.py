"""Windows of time: pieces that leave nothing out, of a size that fits what comes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fmn.sources.backfill.time_windows import (
    LONGEST,
    MARGIN,
    SHORTEST,
    BackfillWindow,
    WindowSizer,
    clamp_to_history,
    due_slots,
    remaining,
)

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
MOMENTS = st.integers(1_330_000_000_000, 2_200_000_000_000).map(
    lambda milliseconds: datetime.fromtimestamp(milliseconds / 1000, UTC))


@given(start=st.integers(0, 2**31), seconds=st.integers(1, 100 * LONGEST), data=st.data())
def test_pieces_cover_the_whole_whatever_comes(start: int, seconds: int, data: st.DataObject) -> None:
    # Given a stretch of time, and an archive that has much in some windows and little in others
    left: BackfillWindow | None = BackfillWindow(start, start + seconds)
    sizer, reached = WindowSizer(), start
    for _ in range(1000):
        if left is None:
            break
        # When it's asked about piece by piece
        piece = sizer.next(left)
        assert piece.start == reached
        assert SHORTEST <= piece.seconds <= LONGEST
        if piece.seconds > SHORTEST and data.draw(st.integers(0, 3)) == 0:
            sizer.shrink(piece)
            assert sizer.next(left).seconds < piece.seconds
            continue
        sizer.record(data.draw(st.integers(0, 2000)))
        reached, left = piece.end, remaining(left, piece)
    # Then each piece begins where the one before ended, and the last ends with the whole
    assert left is None or reached < start + seconds
    assert left is not None or reached == start + seconds


@given(MOMENTS, st.timedeltas(timedelta(), timedelta(days=30)), st.floats(0, 1))
def test_a_window_around_two_moments_has_all_between_them(
    since: datetime, length: timedelta, part: float,
) -> None:
    window = BackfillWindow.covering(since, since + length)

    assert window.contains(since + part * length)
    assert window.seconds <= length.total_seconds() + 2
    assert not window.contains(since - timedelta(seconds=4))
    assert not window.contains(since + length + timedelta(seconds=4))


def test_nothing_is_asked_for_that_may_have_been_deleted() -> None:
    fortnight = timedelta(days=14)

    assert clamp_to_history(NOON - timedelta(days=400), NOON, fortnight) == NOON - fortnight + MARGIN
    assert clamp_to_history(NOON - timedelta(days=1), NOON, fortnight) == NOON - timedelta(days=1)


@given(MOMENTS, st.integers(60, 7200))
def test_a_gap_is_asked_about_at_once_and_again(now: datetime, seconds: int) -> None:
    again = timedelta(seconds=seconds)
    (first, first_due), (later, later_due) = due_slots(now, again)

    assert (first, first_due) == (0, now)
    assert now + again <= later_due < now + 2 * again + timedelta(seconds=1)
    # And gaps that are noticed shortly after one another share the second time
    assert later_due.timestamp() == later
    assert {slot for minute in range(3)
            for slot, _ in due_slots(now + timedelta(seconds=minute), again)} <= {0, later, later + seconds}
