"""What benchmarks measured: printed as a table, and kept as JSON for whoever compares runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Measurement:
    """A figure. ``against`` names the measurement it's compared with, ``ratio`` is this one to that one."""

    name: str
    value: float
    unit: str
    against: str = ""
    ratio: float | None = None

    @property
    def compared(self) -> str:
        """The ratio as text, if there's one."""
        return f"{figure(self.ratio)} × {self.against}" if self.ratio is not None else ""

    def compared_with(self, other: Measurement) -> Measurement:
        """This measurement, and what it is to another one."""
        return Measurement(self.name, self.value, self.unit, other.name, self.value / other.value)


def write(benchmark: str, measurements: Iterable[Measurement]) -> Path:
    """Keep what a benchmark measured; returns the file."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{benchmark}.json"
    path.write_text(json.dumps([to_entry(each) for each in measurements], indent=1) + "\n", encoding="utf-8")
    return path


def read(path: Path) -> list[Measurement]:
    """What a benchmark kept."""
    return [from_entry(entry) for entry in json.loads(path.read_text(encoding="utf-8"))]


def from_entry(entry: Mapping[str, Any]) -> Measurement:
    """The measurement of a JSON object."""
    return Measurement(**entry)


def to_entry(measurement: Measurement) -> dict[str, str | float]:
    """A measurement as a JSON object; figures have four digits."""
    entry: dict[str, str | float] = {
        "name": measurement.name, "value": _rounded(measurement.value), "unit": measurement.unit}
    if measurement.ratio is not None:
        entry |= {"against": measurement.against, "ratio": _rounded(measurement.ratio)}
    return entry


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def figure(value: float) -> str:
    """A number as people read it: three digits or more, thousands apart."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns, the first one to the left and figures to the right."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for row in (header, *rows):
        first, *others = (
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True)))
        print("  ".join([first, *others]).rstrip())


def print_measurements(measurements: Iterable[Measurement]) -> None:
    """Print one measurement a line."""
    print_table(("measured", "value", "unit", "ratio"), [
        (each.name, figure(each.value), each.unit, each.compared) for each in measurements])
