"""What links call rows that tests know by their numbers."""

from __future__ import annotations

from fmn.infra.db import Database, PublicIdMixin
from fmn.infra.public_ids import PublicId


def public_id(database: Database, table: type[PublicIdMixin], number: int) -> PublicId:
    """The name of the row of this number."""
    with database.reading() as session:
        return session.get_one(table, number).public_id
