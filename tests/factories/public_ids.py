"""What links call rows that tests know by their numbers."""

from __future__ import annotations

from fmn.infra.db import Database, Named
from fmn.infra.public_ids import RowName


def row_name(database: Database, table: type[Named], number: int) -> RowName:
    """The name of the row of this number."""
    with database.reading() as session:
        return session.get_one(table, number).row_name
