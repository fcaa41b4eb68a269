"""Charts of numbers over time, as geometry for SVG: bars of the first series, lines of the others.

Templates draw them, with the same numbers in words and in a table for those who don't see them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from fmn.localized import number_text

#: Width of a period and height of a chart, in units of its picture, which is stretched to its place.
STEP: Final = 10
HEIGHT: Final = 100
#: Room between two bars.
GAP: Final = 2
#: Height of the lowest bar.
LOWEST: Final = 3.0
#: First two digits of the number at the top of a chart. One that is too high makes all bars low.
_ROUND: Final = (10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100)


@dataclass(frozen=True)
class Series:
    """Numbers with a name, one for each period; ``kind`` chooses the colour in the style sheet.

    What matters of them all is their sum, or the highest one if they're ``highest`` values.
    """

    name: str
    values: Sequence[int]
    kind: str = "came"
    highest: bool = False

    @property
    def total(self) -> int:
        """What matters of all numbers."""
        return max(self.values) if self.highest else sum(self.values)


@dataclass(frozen=True)
class Bar:
    """A bar of a chart."""

    x: int
    y: float
    height: float


@dataclass(frozen=True)
class Chart:
    """Series over the same periods, which have ``labels``. ``write`` makes text of a number."""

    labels: Sequence[str]
    series: Sequence[Series]
    write: Callable[[int], str] = number_text

    @property
    def width(self) -> int:
        """Width of the picture."""
        return STEP * len(self.labels)

    @property
    def top(self) -> int:
        """The number at the top: the next round one."""
        return round_up(max((value for each in self.series for value in each.values), default=0))

    @property
    def empty(self) -> bool:
        """Whether all numbers are 0."""
        return not any(value for each in self.series for value in each.values)

    @property
    def bars(self) -> Sequence[Bar]:
        """Bars of the first series."""
        return _bars(self.series[0].values, self.top)

    def line(self, series: Series) -> str:
        """Points of a series' line."""
        return " ".join(
            f"{STEP * place + STEP // 2},{HEIGHT - _height(value, self.top)}"
            for place, value in enumerate(series.values))

    def sum_up(self, series: Series) -> str:
        """What matters of a series' numbers, as text."""
        return self.write(series.total)

    def hint(self, place: int) -> str:
        """A period in words: ``Monday, 4 May: 12 came, 3 sent``."""
        values = ", ".join(f"{each.name} {self.write(each.values[place])}" for each in self.series)
        return f"{self.labels[place]}: {values}"


def round_up(value: int) -> int:
    """The next number of two digits with zeros that is easily read."""
    power = int("1" + "0" * (len(str(max(1, value))) - 1))
    tops = (digits * power // 10 for digits in _ROUND if digits * power % 10 == 0)
    return next(top for top in tops if top >= value)


def sparkline(values: Sequence[int]) -> Sequence[Bar]:
    """Bars of a small picture without numbers, the highest of which is as high as the picture."""
    return _bars(values, max(values, default=0))


def _bars(values: Sequence[int], top: int) -> Sequence[Bar]:
    """A bar for each number above 0, never too low to be seen."""
    return [
        Bar(STEP * place + GAP // 2, HEIGHT - tall, tall)
        for place, value in enumerate(values)
        if value and (tall := max(LOWEST, _height(value, top)))]


def _height(value: int, top: int) -> float:
    return round(HEIGHT * value / top, 1)
