"""PostgreSQL's indexes of messages' names and applications, and SQL conditions that it uses them for.

The conditions add nothing to what is asked: the caller asks exactly as well. SQLite has no such indexes, and
there they always hold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Boolean, ColumnElement, Index, Text, literal, literal_column, text, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

#: Characters of the longest name that is indexed: longer ones may not fit into a page of an index, and
#: PostgreSQL's patterns count no further than 255.
MAX_INDEXED_NAME: Final = 200
#: A message's lists of names, as columns.
NAME_LISTS: Final = ("usernames", "packages", "groups")
#: SQL: the category of a message as an array: such an index has a fiftieth of the usual one's size.
CATEGORY_PARTS: Final = "(ARRAY[category])"
#: What is trimmed off a list's text before its names are indexed.
_LIST_ENDS: Final = '[]"'


def name_parts(column: str) -> str:
    """SQL: the parts between slashes of the names in a list, as an array; lists are stored without spaces."""
    joined = f"""replace(btrim({column}, '[]"'), '","', '/')"""
    return f"string_to_array(regexp_replace({joined}, '[^/]{{{MAX_INDEXED_NAME + 1},}}', '', 'g'), '/')"


def has_names(column: str) -> str:
    """SQL: whether a list has names, without which it isn't indexed."""
    return f"{column} <> '[]'"


def message_name_indexes() -> Iterator[Index]:
    """PostgreSQL's indexes of messages' applications and names; SQLite has no such ones and scans."""
    yield Index("ix_messages_category", text(CATEGORY_PARTS), postgresql_using="gin").ddl_if(
        dialect="postgresql")
    for column in NAME_LISTS:
        yield Index(
            f"ix_messages_{column}", text(name_parts(column)), postgresql_using="gin",
            postgresql_where=text(has_names(column))).ddl_if(dialect="postgresql")


class may_contain(FunctionElement[bool]):  # noqa: N801 - it's used as a function of SQL
    """SQL function: whether an indexed array has one of some elements. Without an index it's always true."""

    type = Boolean()
    inherit_cache = True


@compiles(may_contain, "postgresql")
def _may_contain_for_postgresql(element: may_contain, compiler: SQLCompiler, **options: Any) -> str:
    parts, *wanted = (compiler.process(each, **options) for each in element.clauses)
    return f"({parts} && ARRAY[{', '.join(f'CAST({part} AS TEXT)' for part in wanted)}])"


@compiles(may_contain)
def _may_contain_without_index(_element: may_contain, _compiler: SQLCompiler, **_options: Any) -> str:
    return "1"


def has_name_indexes(session: Session) -> bool:
    """Whether the session's database has the indexes."""
    return session.get_bind().dialect.name == "postgresql"


def may_have_name(column: str, names: Collection[str]) -> ColumnElement[bool]:
    """Whether a list of names may have one that is, or ends in, one of these names as JSON writes them.

    To ask for all of them at once takes apart the list of a row once, where the index isn't used.
    """
    parts = {part.rpartition("/")[2] for name in names for part in _as_indexed(name)}
    if any(len(part) > MAX_INDEXED_NAME for part in parts):
        return true()
    return may_contain(
        literal_column(f"{has_names(column)} AND {name_parts(column)}", Text),
        *(literal(part, Text) for part in sorted(parts)))


def _as_indexed(name: str) -> Sequence[str]:
    """How the index may have a name: the first and the last one of a list lose what JSON ends lists with."""
    return name, name.lstrip(_LIST_ENDS), name.rstrip(_LIST_ENDS), name.strip(_LIST_ENDS)


def may_be_of(category: str) -> may_contain:
    """Whether a message may be of this application."""
    return may_contain(literal_column(CATEGORY_PARTS, Text), literal(category, Text))
