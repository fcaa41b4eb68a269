"""Column types that work alike on SQLite and PostgreSQL, and the database's clock as a function of SQL."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from fmn.infra.json_decoder import decode_json

#: Type of row ids. SQLite generates ids only in a column of exactly the type INTEGER.
RowId = BigInteger().with_variant(Integer, "sqlite")
_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")


class UtcDateTime(TypeDecorator[datetime]):
    """Column type of aware datetimes in UTC, also on SQLite, which has no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: Any) -> Callable[[Any], datetime | None] | None:
        if dialect.name == "sqlite":  # at once, since scans of the ledger read 100,000 of them
            return _from_sqlite
        return super().result_processor(dialect, coltype)


def _from_sqlite(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(f"{value}+00:00")


# Made once: `json.dumps` would make a new encoder for each value, and a message has five.
_ENCODER: Final = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


class JsonText(TypeDecorator[Any]):
    """Column type of JSON stored as ASCII text, so that databases accept and preserve every value."""

    impl = Text
    cache_ok = True
    #: ``None`` is stored as JSON's null, not as a missing value.
    should_evaluate_none = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        if value in ([], {}):  # most of a message's, and the encoder takes a microsecond for each
            return "[]" if isinstance(value, list) else "{}"
        return _ENCODER.encode(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else decode_json(value)


class StorableText(TypeDecorator[str]):
    """Column type of text from outside: NUL and lone surrogates, which databases refuse, become U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return value if value is None else _UNSTORABLE.sub("\ufffd", value)


class clock_reading(FunctionElement[datetime]):  # noqa: N801 - it's used as a function of SQL
    """SQL function: the time of the database's host during the statement; ``NULL`` on SQLite."""

    type = UtcDateTime()
    inherit_cache = True


@compiles(clock_reading, "postgresql")
def _compile_for_postgresql(_element: clock_reading, _compiler: SQLCompiler, **_options: Any) -> str:
    return "clock_timestamp()"


@compiles(clock_reading, "sqlite")
def _compile_for_sqlite(_element: clock_reading, _compiler: SQLCompiler, **_options: Any) -> str:
    return "NULL"
