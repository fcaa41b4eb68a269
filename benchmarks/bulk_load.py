"""Putting a population into a SQLite file, many rows at a time, as no process of FMN ever does."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.schema import CreateIndex

from benchmarks.naive_matcher import NamedFilter
from benchmarks.populations import Population
from fmn.filters.expressions import Expression, expression_digest, expression_to_json
from fmn.filters.models import Filter
from fmn.infra.db import Base

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
    connection.executemany(
        "INSERT INTO filters (preference_id, position, expression_id, name, enabled, oneshot)"
        " VALUES (?, ?, ?, ?, 1, 0)", _filter_rows(population, expressions))
    connection.executemany("INSERT INTO expressions (id, digest, body) VALUES (?, ?, ?)", expressions.rows())
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
        self._numbers: dict[str, int] = {}
        self._bodies: list[str] = []
        # A million people share one list of filters; it's kept so that nothing else gets its identity.
        self._known: dict[int, tuple[Sequence[NamedFilter], list[tuple[int, int, str]]]] = {}

    def of(self, filters: Sequence[NamedFilter]) -> list[tuple[int, int, str]]:
        """Position, id of the expression and name of each filter."""
        if id(filters) not in self._known:
            self._known[id(filters)] = filters, [
                (position, self._number(each.expression), each.name) for position, each in enumerate(filters)]
        return self._known[id(filters)][1]

    def rows(self) -> Iterator[tuple[int, str, str]]:
        for (key, number), body in zip(self._numbers.items(), self._bodies, strict=True):
            yield number, key, body

    def _number(self, expression: Expression) -> int:
        key = expression_digest(expression)
        if key not in self._numbers:
            self._numbers[key] = len(self._numbers) + 1
            self._bodies.append(json.dumps(expression_to_json(expression)))
        return self._numbers[key]
