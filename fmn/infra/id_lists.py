"""SQL condition on many ids as one parameter, so that the statement is the same for any number of them.

SQLAlchemy writes a parameter for each value of an ``IN``, for every execution, which takes longer than short
statements do. PostgreSQL takes an array; SQLite reads a JSON list.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, ColumnElement, Dialect, Text, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class IdList(TypeDecorator[Sequence[int]]):
    """Type of a parameter that is a list of ids."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(BigInteger))

    def process_bind_param(self, value: Sequence[int] | None, dialect: Dialect) -> Any:
        return json.dumps(list(value or ())) if dialect.name == "sqlite" else list(value or ())


class _InIds(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True


@compiles(_InIds, "postgresql")
def _compile_for_postgresql(element: _InIds, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(each, **options) for each in element.clauses)
    return f"({column} = ANY ({ids}))"


@compiles(_InIds, "sqlite")
def _compile_for_sqlite(element: _InIds, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(each, **options) for each in element.clauses)
    return f"({column} IN (SELECT value FROM json_each({ids})))"  # noqa: S608 - SQLAlchemy wrote both


_TYPE: Final = IdList()


def in_ids(column: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
    """Condition: a column is one of the ids in a parameter."""
    return _InIds(column, bindparam(parameter, type_=_TYPE))
