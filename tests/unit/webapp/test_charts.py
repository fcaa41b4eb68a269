"""The geometry of charts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.charts import HEIGHT, LOWEST, STEP, Bar, Chart, Series, round_up, sparkline

VALUES = st.lists(st.integers(0, 10**12), min_size=1, max_size=200)


@pytest.mark.parametrize(("value", "rounded"), [
    (0, 1), (1, 1), (2, 2), (3, 3), (7, 8), (9, 10), (10, 10), (11, 12), (13, 15), (61, 80), (99, 100),
    (105, 120), (501, 600)])
def test_the_top_is_the_next_round_number(value: int, rounded: int) -> None:
    assert round_up(value) == rounded


@given(st.integers(1, 10**12))
def test_the_highest_bar_fills_most_of_the_height(value: int) -> None:
    assert value <= round_up(value) <= 1.5 * value


@given(VALUES)
def test_everything_is_within_the_picture_and_nothing_is_invisible(values: list[int]) -> None:
    chart = Chart([str(place) for place in range(len(values))], [Series("came", values)])
    assert [bar.x // STEP for bar in chart.bars] == [place for place, value in enumerate(values) if value]
    for bar in chart.bars:
        assert LOWEST <= bar.height <= HEIGHT
        assert bar.y + bar.height == pytest.approx(HEIGHT)
        assert bar.x + STEP <= chart.width + STEP


def test_a_line_goes_through_the_middle_of_each_period() -> None:
    chart = Chart(["a", "b"], [Series("came", [10, 5]), Series("sent", [0, 10])])
    assert chart.line(chart.series[1]) == "5,100.0 15,0.0"


def test_a_chart_of_nothing_is_empty() -> None:
    assert Chart(["a"], [Series("came", [0]), Series("sent", [0])]).empty
    assert not Chart(["a"], [Series("came", [0]), Series("sent", [1])]).empty


def test_a_period_is_told_in_words() -> None:
    chart = Chart(["Monday"], [Series("came", [1200]), Series("sent", [3])])
    assert chart.hint(0) == "Monday: came 1,200, sent 3"


def test_a_sparkline_has_bars_alone() -> None:
    assert sparkline([0, 1, 2]) == [Bar(STEP + 1, 50.0, 50.0), Bar(2 * STEP + 1, 0.0, 100.0)]
