"""Groups with filters."""

from __future__ import annotations

from fmn.filters.editing import add_filter
from fmn.filters.expressions import Expression
from fmn.filters.group_filters import get_or_create_group_preference
from fmn.filters.spec import FilterSpec
from fmn.infra.db import Database


def give_group(database: Database, group: str, **filters: Expression) -> list[int]:
    """Give a group filters; returns their ids."""
    with database.transaction() as session:
        preference = get_or_create_group_preference(session, group)
        return [
            add_filter(session, preference, FilterSpec(name=name, expression=expression)).id
            for name, expression in filters.items()]
