"""The table: a row for each fault, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

HEADINGS = (
    "Fault", "Times", "Messages", "Expected", "Lost", "Doubled in doubt", "Doubled", "Recovered")


@dataclass(frozen=True)
class Row:
    """What came of a fault.

    ``told`` is how often somebody had to be told of a message, ``lost`` how often they weren't. Mails that
    came again are ``in_doubt`` if one of the documented doubts explains it, and ``doubled`` if none does.
    ``recovered`` is how many seconds after the fault's end there was nothing left to be done.
    """

    fault: str
    times: int
    messages: int
    told: int
    lost: int
    in_doubt: int
    doubled: int
    recovered: float

    def text(self) -> str:
        """The row as a line with its headings."""
        fault, *others = zip(HEADINGS, _cells(self), strict=True)
        return f"{fault[1]}: " + ", ".join(f"{heading.lower()} {cell}" for heading, cell in others)


class Table:
    """The rows of a run."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def text(self) -> str:
        """The table in reStructuredText."""
        cells = [HEADINGS, *(_cells(row) for row in self.rows)]
        widths = [max(len(line[number]) for line in cells) for number in range(len(HEADINGS))]
        rule = " ".join("=" * width for width in widths)
        lines = [_line(each, widths) for each in cells]
        return "\n".join([rule, lines[0], rule, *lines[1:], rule, ""])

    def write(self, path: Path) -> None:
        """Write it to a file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.text())


def _cells(row: Row) -> Sequence[str]:
    fault, *numbers, recovered = astuple(row)
    return (str(fault), *map(str, numbers), f"{recovered:.1f} s")


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        cell.ljust(width) if not number else cell.rjust(width)
        for number, (cell, width) in enumerate(zip(cells, widths, strict=True)))
    return " ".join([first, *others])
