"""Progress bars for commands that may take longer than a second: on standard error, on a terminal only."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import click

#: Drawing a bar costs more than many a step: it's drawn so often at most.
REDRAWS: Final = 200
#: Moves a bar by so many steps, and shows a text beside it, such as a count.
Advance = Callable[[int, str], object]


@contextmanager
def progress(label: str, length: int) -> Iterator[Advance]:
    """Progress bar of ``length`` steps. Prints nothing unless standard error is a terminal."""
    hidden = not sys.stderr.isatty() or os.environ.get("TERM") == "dumb"
    with click.progressbar(
        length=length, label=label, file=sys.stderr, hidden=hidden, item_show_func=_unchanged,
        update_min_steps=max(1, length // REDRAWS),
    ) as bar:
        yield bar.update


def _unchanged(text: str | None) -> str | None:
    return text
