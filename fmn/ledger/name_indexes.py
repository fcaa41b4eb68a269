"""SQL conditions that let PostgreSQL find messages by its indexes of names and applications.

They add nothing to what is asked: the caller asks exactly as well. SQLite has no such indexes, and there they
always hold.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Text, literal, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from fmn.ledger.models import CATEGORY_PARTS, has_names, name_parts


class may_contain(FunctionElement[bool]):  # noqa: N801 - it's used as a function of SQL
    """SQL function: whether an indexed array has an element. Always true where there is no index."""

    type = Boolean()
    inherit_cache = True


@compiles(may_contain, "postgresql")
def _may_contain_for_postgresql(element: may_contain, compiler: SQLCompiler, **options: Any) -> str:
    parts, part = (compiler.process(each, **options) for each in element.clauses)
    return f"({parts} @> ARRAY[CAST({part} AS TEXT)])"


@compiles(may_contain)
def _may_contain_without_index(_element: may_contain, _compiler: SQLCompiler, **_options: Any) -> str:
    return "1"


def may_have_name(column: str, in_json: str) -> may_contain:
    """Whether a list of names may have one that is, or ends in, this name as JSON writes it."""
    return may_contain(
        literal_column(f"{has_names(column)} AND {name_parts(column)}", Text),
        literal(in_json.rpartition("/")[2], Text))


def may_be_of(category: str) -> may_contain:
    """Whether a message may be of this application."""
    return may_contain(literal_column(CATEGORY_PARTS, Text), literal(category, Text))
