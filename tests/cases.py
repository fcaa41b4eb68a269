"""Names the case at which a test with many of them failed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def case(which: object) -> Iterator[None]:
    """Add to whatever is raised within it which case it was of many that are too quick for a test each."""
    try:
        yield
    except Exception as error:
        error.add_note(f"case: {which!r}")
        raise
