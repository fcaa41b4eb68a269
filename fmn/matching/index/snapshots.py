"""Snapshots of the index on disk, from which workers of a host start in seconds, sharing memory.

A worker writes one after it has loaded everything from the database, which takes minutes with a million
people's own filters. Another one reads it, and reloads the users who changed since. A snapshot is used only
by the same code with the same rule types, for the same database, and only if the log of changes says of its
revision what it said then: a restored backup may have had others. Whatever is wrong with a snapshot, the
index is loaded from the database instead.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import fmn
from fmn.filters.conditions import CheckCondition, Condition
from fmn.filters.rule_types import RuleType, RuleTypes
from fmn.infra.column_file import ColumnFileError, read_columns, write_columns
from fmn.infra.database_identity import identity_of
from fmn.matching.index.columns import FORMAT, IndexColumnsError, columns_of, index_of_columns
from fmn.matching.index.matching_index import Index
from fmn.people.models import PreferenceChange

log = structlog.get_logger()

#: Snapshots that are kept in a directory: during an upgrade there are workers of two versions.
KEPT: Final = 2
#: Packages whose code decides what is in a snapshot.
CODE: Final = ("catalog", "filters", "matching")
DIGITS: Final = 16


class IndexSnapshots:
    """The snapshots in a directory, of the indexes with these rule types."""

    def __init__(self, directory: Path, rule_types: RuleTypes) -> None:
        self._directory = directory
        self._rule_types = rule_types

    def load(self, session: Session) -> Index | None:
        """The index of a snapshot; ``None`` if there is none that fits."""
        path = self._path(session)
        try:
            about, columns = read_columns(path)
            revision = int(about["revision"])
            if about != _about(session, revision):
                log.warning("index snapshot is of another state of the database", path=str(path))
                return None
            return index_of_columns(columns, revision, self._rule_types)
        except FileNotFoundError:
            return None
        except (OSError, ColumnFileError, IndexColumnsError, LookupError, TypeError, ValueError) as error:
            log.warning("index snapshot can't be used", path=str(path), reason=str(error))
            return None

    def save(self, session: Session, index: Index) -> None:
        """Write an index that was just loaded, in the transaction in which it was."""
        path = self._path(session)
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            write_columns(path, _about(session, index.revision), columns_of(index))
            self._delete_old(path)
        except OSError as error:
            log.warning("index snapshot can't be written", path=str(path), reason=str(error))
        else:
            log.info("index snapshot written", path=str(path), revision=index.revision)

    def _path(self, session: Session) -> Path:
        """The file, whose name says what a snapshot has to fit: code, rule types and database."""
        parts = [str(FORMAT), version("fmn"), _code_digest(), identity_of(session), *map(
            _described, self._rule_types.by_name.values())]
        fit = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:DIGITS]
        return self._directory / f"index-{fit}.columns"

    def _delete_old(self, newest: Path) -> None:
        others = sorted(
            (path for path in self._directory.glob("index-*.columns") if path != newest),
            key=lambda path: path.stat().st_mtime)
        for path in others[:max(0, len(others) + 1 - KEPT)]:
            path.unlink(missing_ok=True)


def _about(session: Session, revision: int) -> dict[str, Any]:
    changed_at = session.scalar(
        select(func.max(PreferenceChange.changed_at)).where(PreferenceChange.revision == revision))
    return {"revision": revision, "changed_at": changed_at and changed_at.isoformat()}


@cache
def _code_digest() -> str:
    """A digest of the code that makes snapshots and decides what filters are filed under."""
    digest = hashlib.sha256()
    for path in sorted(_code_files()):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _code_files() -> Iterator[Path]:
    for package in CODE:
        yield from Path(fmn.__path__[0], package).rglob("*.py")


def _described(rule_type: RuleType) -> str:
    """What a rule type is about, as far as it depends on the catalogue's files."""
    arguments = [argument.name for argument in rule_type.arguments]
    condition = None if arguments else _condition(rule_type.condition({}))
    return json.dumps([rule_type.name, rule_type.negates, arguments, condition])


def _condition(condition: Condition) -> list[Any]:
    if isinstance(condition, CheckCondition):
        return [condition.rule, condition.arguments, sorted(condition.within)]
    return [sorted(condition.keys), condition.ties]
