"""Snapshots of the index on disk, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, event, select, update
from structlog.testing import capture_logs

from fmn.catalog import Package
from fmn.directory.snapshot import Directory
from fmn.filters.account_creation import create_user
from fmn.filters.editing import add_filter
from fmn.filters.expressions import Expression, Rule
from fmn.filters.models import Filter
from fmn.filters.rule_types import rule_types
from fmn.filters.spec import FilterSpec
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.matching.index import loading as index_loading
from fmn.matching.index import snapshots as index_snapshots
from fmn.matching.index.loading import CurrentIndex
from fmn.matching.index.matching_index import Index
from fmn.matching.index.snapshots import IndexSnapshots
from fmn.people.change_log import record_change
from fmn.people.models import Preference, PreferenceChange
from tests.factories.groups import give_group
from tests.factories.messages import make_facts, make_message

pytestmark = pytest.mark.dialects

ABOUT_PHP = Rule.of("package_filter", {"package": "php"})
ABOUT_RUBY = Rule.of("package_filter", {"package": "ruby"})


@pytest.fixture(autouse=True, params=[0, 10_000], ids=["stored", "compiled"])
def compiled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many filters are kept compiled."""
    monkeypatch.setattr(index_loading, "MAX_SHARED", request.param)


def create(database: Database, nick: str, expression: Expression) -> int:
    with database.transaction() as session:
        user = create_user(session, nick, {"email": []}, {"one": expression})
        assert user is not None
        return user.id


def started(database: Database, directory: Path) -> Index:
    """The index of a worker that was just started."""
    return CurrentIndex(database, rule_types(), IndexSnapshots(directory, rule_types())).current()


def concerned(index: Index, package: str) -> set[int]:
    facts = make_facts(make_message(), packages=[Package("rpms", package)])
    return {match.user_id for match in index.match(facts, Directory())}


@pytest.fixture
def statements(database: Database) -> Iterator[list[str]]:
    """What is asked of the database."""
    found: list[str] = []

    def keep(*arguments: object) -> None:
        found.append(str(arguments[2]))

    event.listen(database.engine, "before_cursor_execute", keep)
    yield found
    event.remove(database.engine, "before_cursor_execute", keep)


def test_a_worker_starts_from_it_and_reads_no_filters(
    database: Database, tmp_path: Path, statements: list[str],
) -> None:
    alice = create(database, "alice", ABOUT_PHP)
    started(database, tmp_path)
    statements.clear()

    index = started(database, tmp_path)

    assert concerned(index, "php") == {alice}
    assert concerned(index, "ruby") == set()
    assert not any("expressions" in each for each in statements)


def test_who_changed_since_is_reloaded(database: Database, tmp_path: Path) -> None:
    alice = create(database, "alice", ABOUT_PHP)
    started(database, tmp_path)
    bob = create(database, "bob", ABOUT_RUBY)
    with database.transaction() as session:
        preference = session.scalars(select(Preference).where(Preference.user_id == alice)).one()
        add_filter(session, preference, FilterSpec(name="ruby", expression=ABOUT_RUBY))

    index = started(database, tmp_path)

    assert index.changed.keys() == {alice, bob}
    assert concerned(index, "ruby") == {alice, bob}
    assert concerned(index, "php") == {alice}


def test_a_worker_that_runs_writes_only_after_loading(database: Database, tmp_path: Path) -> None:
    current_index = CurrentIndex(database, rule_types(), IndexSnapshots(tmp_path / "new", rule_types()))
    create(database, "alice", ABOUT_PHP)
    current_index.current()
    (path,) = (tmp_path / "new").iterdir()
    written = path.stat().st_mtime_ns
    create(database, "bob", ABOUT_RUBY)
    assert concerned(current_index.current(), "ruby")

    assert [each.stat().st_mtime_ns for each in (tmp_path / "new").iterdir()] == [written]


class TestARefusedSnapshot:
    """The index is loaded from the database then, and a new snapshot written."""

    def check(self, database: Database, directory: Path, expected: set[int], *events: str) -> None:
        with capture_logs() as logs:
            index = started(database, directory)
        assert concerned(index, "php") == expected
        assert not index.changed
        assert [entry["event"] for entry in logs if entry["log_level"] == "warning"] == list(events)
        with capture_logs() as logs:
            assert concerned(started(database, directory), "php") == expected
        assert logs == []

    def test_is_one_that_is_damaged(self, database: Database, tmp_path: Path) -> None:
        alice = create(database, "alice", ABOUT_PHP)
        started(database, tmp_path)
        (path,) = tmp_path.glob("index-*")
        path.write_bytes(path.read_bytes()[:-1])

        self.check(database, tmp_path, {alice}, "index snapshot can't be used")

    def test_is_one_from_before_the_log_begins(self, database: Database, tmp_path: Path) -> None:
        alice = create(database, "alice", ABOUT_PHP)
        started(database, tmp_path)
        bob = create(database, "bob", ABOUT_PHP)
        with database.transaction() as session:
            session.execute(delete(PreferenceChange))

        self.check(
            database, tmp_path, {alice, bob}, "index snapshot is of another state of the database")

    def test_is_one_of_a_future_that_a_restored_backup_hasnt(
        self, database: Database, tmp_path: Path,
    ) -> None:
        # Given a snapshot, and a database in which the same revision was another change
        alice = create(database, "alice", ABOUT_PHP)
        started(database, tmp_path)
        with database.transaction() as session:
            session.execute(update(Filter).values(enabled=False))
            session.execute(update(PreferenceChange).values(changed_at=utc_now()))
            record_change(session, [alice + 1])

        self.check(database, tmp_path, set(), "index snapshot is of another state of the database")

    def test_is_one_of_other_code(
        self, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        alice = create(database, "alice", ABOUT_PHP)
        started(database, tmp_path)
        monkeypatch.setattr(index_snapshots, "_code_digest", lambda: "another")

        self.check(database, tmp_path, {alice})


def test_two_snapshots_are_kept(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    create(database, "alice", ABOUT_PHP)
    (tmp_path / "notes").touch()
    for code in ("first", "second", "third"):
        monkeypatch.setattr(index_snapshots, "_code_digest", lambda code=code: code)
        started(database, tmp_path)

    assert len(list(tmp_path.glob("index-*.columns"))) == 2
    assert (tmp_path / "notes").exists()


def test_a_worker_starts_without_where_none_can_be_written(database: Database, tmp_path: Path) -> None:
    alice = create(database, "alice", ABOUT_PHP)
    (tmp_path / "file").touch()

    with capture_logs() as logs:
        index = started(database, tmp_path / "file")

    assert concerned(index, "php") == {alice}
    assert [entry["event"] for entry in logs if entry["log_level"] == "warning"][-1:] == [
        "index snapshot can't be written"]


def test_a_snapshot_knows_whose_members_it_saw(database: Database, tmp_path: Path) -> None:
    # Given a snapshot that was written when alice was in the group
    alice, bob = (create(database, nick, ABOUT_RUBY) for nick in ("alice", "bob"))
    give_group(database, "infra", php=ABOUT_PHP)
    snapshots = IndexSnapshots(tmp_path, rule_types())
    before, after = (Directory(groups={"infra": frozenset({nick})}) for nick in ("alice", "bob"))
    assert concerned(CurrentIndex(database, rule_types(), snapshots).current(before), "php") == {alice}

    # When a worker begins with it, with the same directory or a later one
    same = CurrentIndex(database, rule_types(), snapshots).current(before)
    later = CurrentIndex(database, rule_types(), snapshots).current(after)

    # Then it finds who is in the group now
    assert concerned(same, "php") == {alice}
    assert concerned(later, "php") == {bob}
