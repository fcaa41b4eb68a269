"""Indexes that migrations make of big tables while FMN works.

PostgreSQL's plain ``CREATE INDEX`` blocks inserts into the table until it's done, which takes 10 to 25 s for
a million messages. ``CONCURRENTLY`` blocks nobody, but has no transaction: what a migration did before is
committed, and a run that breaks off leaves an index behind that is never used. So a migration may do before
only what it can do twice. SQLite has one writer, and makes its indexes as ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from alembic import op
from sqlalchemy import TextClause, text

_IS_INVALID = text("SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(:name) AND NOT indisvalid")


def create_index(
    name: str, table: str, columns: Sequence[str | TextClause], where: str | None = None, **options: Any,
) -> None:
    """Create an index of the rows ``where`` this holds, unless a run that broke off has made it."""
    condition = None if where is None else text(where)
    options |= {"postgresql_where": condition, "sqlite_where": condition}
    if op.get_bind().dialect.name != "postgresql":
        op.create_index(name, table, columns, **options)
        return
    with op.get_context().autocommit_block():
        if op.get_bind().scalar(_IS_INVALID, {"name": name}):
            op.drop_index(name, table, postgresql_concurrently=True)
        op.create_index(name, table, columns, if_not_exists=True, postgresql_concurrently=True, **options)


def replace_index(name: str, table: str, columns: Sequence[str], where: str) -> None:
    """Create an index in another's place, which serves until then."""
    if op.get_bind().dialect.name != "postgresql":
        op.drop_index(name, table)
        create_index(name, table, columns, where)
        return
    create_index(f"{name}_new", table, columns, where)
    op.drop_index(name, table)
    op.execute(text(f"ALTER INDEX {name}_new RENAME TO {name}"))
