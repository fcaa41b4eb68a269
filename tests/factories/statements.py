"""The statements that something costs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from fmn.infra.db import Database


@contextmanager
def statements_on(database: Database) -> Iterator[list[str]]:
    """The statements that are executed meanwhile."""
    executed: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        executed.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield executed
    event.remove(database.engine, "before_cursor_execute", note)
