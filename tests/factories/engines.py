"""Engines that compile each statement once a process, not once a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Dialect, Engine
from sqlalchemy.util import LRUCache

from fmn.infra import db

#: Compiled statements kept of each dialect: of FMN's and the tests'.
STATEMENTS_KEPT = 2_000


class SharedCompilation:
    """Makes FMN's engines, which then share their dialects and their caches of compiled statements.

    SQLAlchemy compiles a statement once for each dialect *object*, and a fresh engine has one of its own:
    every test would compile all of its statements again, which takes it a fifth of its time. Pools and
    listeners stay an engine's own.
    """

    def __init__(self) -> None:
        self._make = db._engine  # noqa: SLF001 - what the tests' own replaces
        self._dialects: dict[str, Dialect] = {}
        self._statements: dict[str, LRUCache[object, object]] = {}

    def make(self, url: str, *, detects_failover: bool) -> Engine:
        engine = self._make(url, detects_failover=detects_failover)
        name = engine.dialect.name
        known = self._dialects.get(name)
        if known is None or known.default_schema_name is None:  # never connected, so it knows no server yet
            self._dialects[name] = engine.dialect
        else:
            engine.dialect = known
        engine.update_execution_options(
            compiled_cache=self._statements.setdefault(name, LRUCache(STATEMENTS_KEPT)))
        return engine


@contextmanager
def shared_compilation() -> Iterator[None]:
    """Let all of FMN's engines in this process share what they compile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "_engine", SharedCompilation().make)
        yield
