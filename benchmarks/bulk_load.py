"""Putting a population into a SQLite file, many rows at a time, as no process of FMN ever does."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.schema import CreateIndex

from benchmarks.naive_matcher import NamedFilter
from benchmarks.populations import Population
from fmn.filters.expressions import Expression, expression_digest, expression_to_json
from fmn.filters.models import Filter
from fmn.infra.db import Base

#: Rows of filters that are in memory at a time.
ROWS_AT_ONCE = 100_000
#: Lists of filters that are remembered, since many people may share them.
MAX_KNOWN = 1_000
WHEN = "2026-01-01 00:00:00.000000"


def store(population: Population, path: Path) -> None:
    """Write everybody and their filters into a new file."""
    engine = create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    engine.dispose()
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        _fill(connection, population)
        connection.commit()
    finally:
        connection.close()


def _fill(connection: sqlite3.Connection, population: Population) -> None:
    indexes = Base.metadata.tables[Filter.__tablename__].indexes
    for index in indexes:  # filling them at the end, all at once, is much quicker
        connection.execute(f"DROP INDEX {index.name}")
    connection.executemany(
        "INSERT INTO users (id, nick, created_at) VALUES (?, ?, ?)",
        ((number, person.nick, WHEN) for number, person in enumerate(population.people, 1)))
    connection.executemany(
        "INSERT INTO preferences (user_id, context, enabled) VALUES (?, ?, 1)",
        ((number, context)
         for number, _ in enumerate(population.people, 1) for context in population.contexts))
    expressions = _Expressions()
    rows = _filter_rows(population, expressions)
    while some := list(islice(rows, ROWS_AT_ONCE)):
        connection.executemany(
            "INSERT INTO filters (preference_id, position, expression_id, name, enabled, oneshot)"
            " VALUES (?, ?, ?, ?, 1, 0)", some)
        connection.executemany(
            "INSERT INTO expressions (id, digest, body) VALUES (?, ?, ?)", expressions.new_rows())
    connection.execute("INSERT INTO preference_revision (id, revision) VALUES (1, 1)")
    for index in indexes:
        connection.execute(str(CreateIndex(index)))


def _filter_rows(
    population: Population, expressions: _Expressions,
) -> Iterator[tuple[int, int, int, str]]:
    preference_id = 0
    for person in population.people:
        described = expressions.of(person.filters)
        for _ in population.contexts:
            preference_id += 1
            for position, expression_id, name in described:
                yield preference_id, position, expression_id, name


class _Expressions:
    """Numbers expressions, each kind once."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}
        self._new: list[tuple[int, str, str]] = []
        # A million people may share one list of filters. It's kept so that nothing else gets its identity.
        self._known: dict[int, tuple[Sequence[NamedFilter], list[tuple[int, int, str]]]] = {}

    def of(self, filters: Sequence[NamedFilter]) -> list[tuple[int, int, str]]:
        """Position, id of the expression and name of each filter."""
        if id(filters) in self._known:
            return self._known[id(filters)][1]
        described = [
            (position, self._number(each.expression), each.name) for position, each in enumerate(filters)]
        if len(self._known) < MAX_KNOWN:
            self._known[id(filters)] = filters, described
        return described

    def new_rows(self) -> list[tuple[int, str, str]]:
        """The rows of expressions that were numbered since this was called last."""
        rows, self._new = self._new, []
        return rows

    def _number(self, expression: Expression) -> int:
        key = expression_digest(expression)
        short = bytes.fromhex(key)  # there may be millions
        if short not in self._numbers:
            self._numbers[short] = len(self._numbers) + 1
            self._new.append((self._numbers[short], key, json.dumps(expression_to_json(expression))))
        return self._numbers[short]
