"""What the ledger tells about packages, people, groups and applications, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from fmn.catalog import Message, Package
from fmn.filters.watch_subjects import MAX_SUBJECT_LENGTH, Subject, SubjectKind, subject
from fmn.infra.cache import MemoryCache
from fmn.infra.db import Database
from fmn.ledger import subject_history as room
from fmn.ledger.day_range import DayRange
from fmn.ledger.messages import lock_unmatched, mark_matched, store
from fmn.ledger.name_indexes import MAX_INDEXED_NAME
from fmn.ledger.subject_history import SubjectHistory, subject_history
from tests.factories.databases import empty, tables_in
from tests.factories.messages import NOON, make_facts
from tests.factories.statements import statements_on

MOSS = subject(SubjectKind.PACKAGE, "rpms/moss")


def happens(
    database: Database, number: int, packages: Sequence[str] = (), people: Sequence[str] = (),
    groups: Sequence[str] = (), *, days: int = 0, category: str = "git",
) -> None:
    """A message about these, so many days ago."""
    at = NOON - timedelta(days=days)
    message = Message(f"2026-{number}", f"org.fedoraproject.prod.{category}.receive", at, {})
    with database.transaction() as session:
        ids = store(session, [message], at)
        (row,) = lock_unmatched(session, ids)
        facts = make_facts(
            row.message, usernames=set(people), groups=set(groups),
            packages={Package(*name.rpartition("/")[::2]) for name in packages})
        mark_matched(session, [(row.id, facts)], at)


def told(database: Database, it: Subject = MOSS) -> SubjectHistory:
    with database.reading() as session:
        return subject_history(session, it, DayRange(NOON))


def per_day(found: SubjectHistory) -> list[int]:
    return [
        sum(number for (day, _), number in found.counts.items() if day == each) for each in found.dates]


def ids(database: Database, it: Subject) -> list[str]:
    return [each.msg_id.removeprefix("2026-") for each in told(database, it).newest]


@pytest.mark.dialects
def test_names_are_found_whole_and_in_their_namespace(database: Database) -> None:
    happens(database, 1, ["rpms/moss"], ["mary"], ["infra"])
    happens(database, 2, ["modules/moss", "rpms/mossy"], ["mary.jane"], ["infra-apps"])
    happens(database, 3, ["moss"], ["tom", "mary"], category="bodhi")
    for kind, name, wanted in (
        (SubjectKind.PACKAGE, "rpms/moss", ["1"]), (SubjectKind.PACKAGE, "moss", ["3", "2", "1"]),
        (SubjectKind.PACKAGE, "rpms", []), (SubjectKind.PERSON, "mary", ["3", "1"]),
        (SubjectKind.PERSON, "Mary", []), (SubjectKind.GROUP, "infra", ["1"]),
        (SubjectKind.APPLICATION, "git", ["2", "1"]), (SubjectKind.APPLICATION, "bodhi", ["3"]),
    ):
        assert ids(database, subject(kind, name)) == wanted, name


@pytest.mark.dialects
def test_long_lists_of_names_are_found_as_well(database: Database) -> None:
    happens(database, 1, [f"rpms/package-{number}" for number in range(300)])
    happens(database, 2, [f"rpms/{'x' * 10_000}", "rpms/moss"])
    assert ids(database, subject(SubjectKind.PACKAGE, "rpms/package-299")) == ["1"]
    assert ids(database, MOSS) == ["2"]
    assert MAX_SUBJECT_LENGTH <= MAX_INDEXED_NAME


@pytest.mark.dialects
def test_messages_are_counted_by_day_and_event_type(database: Database) -> None:
    for number, days in enumerate((0, 0, 1, 13, 14)):
        happens(database, number, ["rpms/moss"], days=days)
    found = told(database)
    assert per_day(found) == [1, *[0] * 11, 1, 2]
    assert (found.total, found.complete, found.since) == (4, True, DayRange(NOON).begins)
    assert {event for _, event in found.counts} == {make_facts(found.newest[0]).event.name}


@pytest.mark.dialects
def test_of_very_many_the_newest_are_counted(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MAX_COUNTED", 2)
    monkeypatch.setattr(room, "SHOWN", 1)
    for number in range(5):
        happens(database, number, ["rpms/moss"], days=4 - number)
    found = told(database)
    assert (per_day(found), found.complete) == ([1, 1], False)
    assert found.since == NOON - timedelta(days=1)
    assert [each.msg_id for each in found.newest] == ["2026-4"]


def test_sqlite_scans_no_more_than_the_newest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MAX_SCANNED", 2)
    with tables_in(f"sqlite:///{tmp_path}/fmn.sqlite") as database:
        for number in range(5):
            happens(database, number, ["rpms/moss"], days=4 - number)
        found = told(database)
        assert (found.total, found.complete) == (3, False)


@pytest.mark.dialects
def test_it_takes_the_same_few_statements_however_much_there_is(database: Database) -> None:
    for number in range(30):
        happens(database, number, ["rpms/moss"])
    with database.transaction() as session, statements_on(database) as statements:
        subject_history(session, MOSS, DayRange(NOON))
    assert sum("FROM messages" in each for each in statements) == (3 if database.embedded else 2)


@pytest.mark.dialects
def test_figures_of_applications_are_cached_for_a_minute(database: Database) -> None:
    seconds = 0.0
    cache = MemoryCache(lambda: seconds)

    def total(it: Subject) -> int:
        with database.reading() as session:
            found = subject_history(session, it, DayRange(NOON), cache)
            assert len(found.newest) == found.total == sum(per_day(found))
            return found.total

    git = subject(SubjectKind.APPLICATION, "git")
    happens(database, 1, ["rpms/moss"])
    assert (total(git), total(MOSS)) == (1, 1)
    happens(database, 2, ["rpms/moss"])
    assert (total(git), total(MOSS)) == (1, 2)
    seconds = 61.0
    assert total(git) == 2


def test_postgresql_finds_names_by_its_indexes(postgresql_database: Database) -> None:
    for number in range(3):
        happens(postgresql_database, number, ["rpms/moss"], ["mary"], ["infra"])
    with postgresql_database.transaction() as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        session.execute(text("SET LOCAL enable_indexscan = off"))
        for kind, name, index in (
            (SubjectKind.PACKAGE, "rpms/moss", "ix_messages_packages"),
            (SubjectKind.PERSON, "mary", "ix_messages_usernames"),
            (SubjectKind.GROUP, "infra", "ix_messages_groups"),
            (SubjectKind.APPLICATION, "git", "ix_messages_category"),
        ):
            condition = " AND ".join(
                str(each.compile(session.connection(), compile_kwargs={"literal_binds": True}))
                for each in room._conditions(subject(kind, name)))  # noqa: SLF001 - it has to be explained
            plan = session.connection().exec_driver_sql(
                f"EXPLAIN SELECT id FROM messages WHERE {condition}".replace("%", "%%"))  # noqa: S608 - ours
            assert index in "\n".join(plan.scalars())


NAMES = st.from_regex(r"[a-z0-9_][a-z0-9_.+-]{0,5}", fullmatch=True)
LISTED = st.lists(st.one_of(NAMES, st.tuples(NAMES, NAMES).map("/".join), st.text(max_size=5)), max_size=4)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(listed=st.lists(LISTED, min_size=1, max_size=4), data=st.data())
def test_indexes_find_what_is_in_the_lists(
    postgresql_database: Database, listed: list[list[str]], data: st.DataObject,
) -> None:
    empty(postgresql_database)
    for number, names in enumerate(listed):
        happens(postgresql_database, number, [name for name in names if name])
    name = data.draw(st.sampled_from([each for names in listed for each in names] or ["x"]))
    it = next(iter(_subjects(name)), None)
    if it is None:
        return
    wanted = [
        str(number) for number, names in enumerate(listed)
        if it.name in names or ("/" not in it.name and any(each.endswith(f"/{it.name}") for each in names))]
    assert sorted(ids(postgresql_database, it)) == wanted


def _subjects(name: str) -> Sequence[Subject]:
    try:
        return [subject(SubjectKind.PACKAGE, name)]
    except ValueError:
        return []
