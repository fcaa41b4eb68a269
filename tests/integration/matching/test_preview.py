"""Previews against what the matcher says of each message, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from benchmarks.naive_matcher import NaiveEvaluator
from fmn.catalog import Message, Severity, catalog
from fmn.directory.snapshot import Directory
from fmn.filters.expression_syntax import parse_expression
from fmn.filters.expressions import Expression
from fmn.filters.rule_types import RuleError, rule_types
from fmn.infra.db import Database
from fmn.ledger.messages import lock_unmatched, mark_matched, store
from fmn.ledger.models import StoredMessage
from fmn.ledger.name_indexes import MAX_INDEXED_NAME
from fmn.matching import history_search
from fmn.matching.compiler import EvaluationTimeoutError, compile_expression
from fmn.matching.deadlines import Deadline, RequestAbandonedError
from fmn.matching.match_context import MatchContext
from fmn.matching.preview import DayRange, Preview, preview
from fmn.matching.sql_prefilter import MAX_SEARCHES, SqlPrefilter
from fmn.matching.stored_facts import recent_traffic
from tests.factories.databases import empty

pytestmark = pytest.mark.dialects

NOW = datetime(2026, 5, 14, 18, tzinfo=UTC)
MANY = tuple(f"p{number}" for number in range(60))
DIRECTORY = Directory(
    committers={"rpms": {"moss": ("alice",), "fern": ("@ferns",), **dict.fromkeys(MANY, ("@gardeners",))},
                "modules": {"moss": ("bob",)}},
    watchers={"rpms": {"kernel": ("alice",), **dict.fromkeys(MANY, ("carol",))}},
    groups={"ferns": frozenset({"bob", "dave"}), "crowd": frozenset({*MANY, "alice"})})
MATCH_CONTEXT = MatchContext(rule_types(), catalog(), DIRECTORY)


def push(number: int, who: str, package: str, namespace: str = "rpms", **more: Any) -> Message:
    return message(number, "git.receive", {"commit": {
        "username": who, "namespace": namespace, "repo": package, "branch": "rawhide",
        "summary": f"Say {number}%", "stats": {"files": {f"{package}.spec": {"additions": 1}}}, **more}})


def message(number: int, title: str, body: Any, prefix: str = "org.fedoraproject.prod") -> Message:
    return Message(f"2026-{number}", f"{prefix}.{title}", NOW - timedelta(hours=2 * number), body)


MESSAGES = (
    push(1, "alice", "moss"),
    push(2, "bob", "moss", "modules"),
    push(3, "mallory", "fern"),
    push(4, "mallory", "kernel"),
    push(5, 'al"ice', "mo_s"),
    message(6, "bodhi.update.comment", {
        "comment": {"text": "ok", "karma": 1, "author": "alice"},
        "update": {"title": "moss-1-1.fc44", "user": {"name": "bob"}, "critpath": True,
                   "builds": [{"nvr": "moss-1-1.fc44"}]},
    }),
    message(7, "buildsys.build.state.change", {
        "name": "p7", "new": 3, "old": 0, "owner": "carol", "instance": "primary", "version": "1",
        "release": "1"}),
    message(8, "buildsys.build.state.change", {
        "name": "fern", "new": 1, "old": 0, "owner": "bob", "instance": "arm", "version": "1",
        "release": "1"}),
    message(9, "meadow.grass", {"agent": "alice"}),
    message(10, "bodhi.novelty", {"agent": "größe"}),
    message(11, "koschei.package.state.change", {"name": "p8", "new": "ok", "groups": ["ferns", "moss"]}),
    message(12, "koschei.package.state.change", {"name": "p9", "new": "ok", "groups": ['fe"rns']}),
    message(60, "planet.post.new", {"username": "alice", "post": {"title": "A % of _"}}),
)


@pytest.fixture
def database(database: Database) -> Database:
    """A ledger with the messages, which arrived when they were sent."""
    keep(database, MESSAGES)
    return database


def keep(database: Database, messages: Sequence[Message]) -> None:
    with database.transaction() as session:
        for each in reversed(messages):
            (number,) = store(session, [each], each.sent_at)
            (row,) = lock_unmatched(session, [number])
            mark_matched(session, [(row.id, catalog().facts(each))], each.sent_at)


def asked(text: str) -> Expression:
    return parse_expression(text, rule_types())


def previewed(database: Database, text: str, nick: str = "alice", **window: Any) -> Preview:
    with database.transaction() as session:
        return preview(session, asked(text), nick, MATCH_CONTEXT, DayRange(NOW, **window), seconds=60)


def found(database: Database, text: str, nick: str = "alice") -> list[str]:
    return [message.msg_id.removeprefix("2026-") for message in previewed(database, text, nick).newest]


QUESTIONS = (
    "user_filter(@me)", "user_filter(größe)", "not_user_filter(alice)", "actor(@me)", "actor(mallory)",
    "user_package_filter(@me)", "maintains(@me)", "watches(@me)", "maintains(bob)",
    "maintains(@me) and not actor(@me)", "maintains(@me) or user_filter(@me)", "user_package_filter(carol)",
    "package_filter(moss)", "package_filter(rpms/moss)", "package_filter(modules/moss)",
    "package_filter(mo_s)", f'package_filter("{",".join((*MANY, "moss"))}")', 'package_regex_filter("^m")',
    "fas_group_member_filter(ferns)", "fas_group_member_filter(crowd)", "fas_group_member_filter(nobody)",
    "group(ferns)", 'group("ferns, moss")', "group_maintains(ferns)", 'group_maintains("crowd, nobody")',
    "group_maintains(gardeners)", "not group_maintains(gardeners) and package_regex_filter(p)",
    "group_maintains(ferns) and koji_build_state_change", "group_maintains(ferns) or maintains(@me)",
    "member(@me)", "member(@me) and not actor(@me)",
    "member(dave)", "application(koschei) and not member(@me)", "member(@me) or maintains(@me)",
    "application(bodhi)", 'application("git, meadow")', "event(git_receive)", "koji_build_failed",
    "koji_build_state_change", "severity(warning)", "severity(info)", "koji_instance(arm)",
    "koji_catchall and not koji_instance(arm)", "bodhi_critpath", "topic_filter(*.git.*)",
    'topic_filter("*.meadow.*, *.planet.*")', "topic_filter(*_*)", 'topic_filter("*%*")', 'regex_filter("%")',
    'regex_filter("4%")', "field(path=commit.stats.files.*, value=moss.spec)",
    "field_regex(path=commit.username, pattern=al)", "git_receive and (actor(@me) or package_filter(fern))",
    "not application(git)", "not (actor(mallory) or application(bodhi))", "any()",
    " or ".join((*(f"user_filter(x{number})" for number in range(MAX_SEARCHES)), "user_filter(@me)")),
    " or ".join((*(f"maintains(x{number})" for number in range(9)), "maintains(@me)", "actor(mallory)")),
    " or ".join((*(f"topic_filter(x{number})" for number in range(MAX_SEARCHES)), "topic_filter(*.git.*)")),
    "regex_filter(moss) or koji_build_failed", "user_filter(@me) and (regex_filter(ok) or maintains(@me))",
)


@pytest.mark.parametrize("nick", ["alice", "bob", "carol", "mallory"])
def test_a_preview_finds_what_a_naive_evaluator_finds(database: Database, nick: str) -> None:
    naive = NaiveEvaluator({}, DIRECTORY, catalog())
    for text in QUESTIONS:
        expected = [
            message.msg_id.removeprefix("2026-") for message in MESSAGES
            if naive.holds(asked(text), catalog().facts(message), nick)
        ]
        assert found(database, text, nick) == expected, text


def test_what_headers_say_of_unknown_messages_is_found(database: Database) -> None:
    fire, novelty = (
        replace(message(13, "meadow.fire", {}), headers={
            "fedora_messaging_severity": 40, "fedora_messaging_user_alice": True,
            "fedora_messaging_rpm_moss": True, "fedora_messaging_group_ferns": True}),
        replace(message(14, "bodhi.novelty", {}), headers={"fedora_messaging_severity": 30}))
    keep(database, [fire, novelty])

    for text, numbers in {
        "severity(error) and not koji_catchall": ["13"], "application(meadow) and severity(warning)": ["13"],
        "bodhi_catchall and severity(warning)": ["14"],
        "application(meadow) and user_filter(@me)": ["9", "13"],
        "application(meadow) and maintains(@me)": ["13"], "application(meadow) and group(ferns)": ["13"],
        "topic_filter(*.meadow.*) and regex_filter(x) and severity(error)": [],
    }.items():
        assert found(database, text) == numbers, text


@pytest.mark.parametrize("name", ["[moss", "mo]ss", "moss]", "[moss]", "m" * (MAX_INDEXED_NAME + 1)])
def test_names_that_the_index_does_not_have_as_they_are_written_are_found(
    database: Database, name: str,
) -> None:
    keep(database, [push(number, "mallory", name) for number in (13, 14)])

    assert found(database, f'package_filter("{name}")') == ["13", "14"]
    assert found(database, f'package_filter("kernel, rpms/{name}")') == ["4", "13", "14"]


@pytest.mark.parametrize("rule", [
    "user_filter", "package_filter", "maintains", "group_maintains", "topic_filter"])
def test_hundreds_of_names_are_not_searched_for_one_by_one(rule: str) -> None:
    expression = asked(" or ".join(f"{rule}(x{number})" for number in range(400)))

    condition = SqlPrefilter(catalog(), DIRECTORY, "alice").condition(
        compile_expression(expression, rule_types()))

    assert str(condition).count(" LIKE ") <= MAX_SEARCHES


def test_messages_from_before_event_types_were_noted_are_read(database: Database) -> None:
    with database.transaction() as session:
        session.execute(update(StoredMessage).values(event=None))

    assert found(database, "event(git_receive) and actor(@me)") == ["1"]
    assert found(database, "severity(warning)") == found(database, "koji_build_failed") == ["7"]
    assert found(database, "maintains(@me)") == ["1", "6"]


def test_an_event_type_that_the_catalogue_no_longer_has_is_found_out_anew(database: Database) -> None:
    with database.transaction() as session:
        session.execute(update(StoredMessage).values(event="what_it_was_called"))

    assert found(database, "application(git) and git_receive and actor(@me)") == []
    assert found(database, "actor(@me) and not git_receive") == ["6", "9", "60"]


def test_what_is_not_matched_yet_is_no_past(database: Database) -> None:
    with database.transaction() as session:
        store(session, [push(0, "alice", "moss")], NOW)

    assert found(database, "package_filter(moss)") == ["1", "2", "6"]


class TestDays:
    def test_are_counted_each_by_itself(self, database: Database) -> None:
        result = previewed(database, "user_filter(@me)")

        assert [(day.date.day, day.messages) for day in result.days] == [
            (9, 1), (10, 0), (11, 0), (12, 0), (13, 0), (14, 3)]
        assert (result.total, result.peak) == (4, 3)
        assert result.average == pytest.approx(4 / 5)
        assert result.complete
        assert result.since == MESSAGES[-1].sent_at

    def test_say_how_many_messages_are_of_which_severity(self, database: Database) -> None:
        result = previewed(database, 'application("buildsys, bodhi")')

        assert {level: number for level, number in result.by_severity.items() if number} == {
            Severity.INFO: 3, Severity.ERROR: 1}
        assert [(day.date.day, day.messages) for day in result.days if day.by_severity[Severity.ERROR]] == [
            (14, 3)]

    def test_without_a_known_event_type_count_as_info(self, database: Database) -> None:
        with database.transaction() as session:
            session.execute(update(StoredMessage).values(event=None))

        assert previewed(database, "severity(warning)").by_severity[Severity.INFO] == 1

    def test_are_what_an_average_stands_on(self, database: Database) -> None:
        assert previewed(database, "user_filter(@me)").history_days == pytest.approx(5)
        assert previewed(database, "user_filter(@me)", days=1).history_days == pytest.approx(18 / 24)

    def test_go_back_as_far_as_is_asked(self, database: Database) -> None:
        result = previewed(database, "user_filter(@me)", days=2)

        assert [(day.date.day, day.messages) for day in result.days] == [(13, 0), (14, 3)]
        assert result.since == datetime(2026, 5, 13, tzinfo=UTC)

    def test_begin_at_midnight_where_the_reader_is(self, database: Database) -> None:
        result = previewed(database, "user_filter(@me)", days=1, zone=ZoneInfo("America/Los_Angeles"))

        assert result.since == datetime(2026, 5, 14, 7, tzinfo=UTC)
        assert result.days[0].messages == 1

    def test_are_one_in_a_ledger_without_messages(self, database: Database) -> None:
        empty(database)
        result = previewed(database, "user_filter(@me)")

        assert (result.total, result.average, result.peak) == (0, 0, 0)
        assert [day.messages for day in result.days] == [0]
        assert result.newest == []


def test_only_the_newest_are_shown_but_all_are_counted(database: Database) -> None:
    with database.transaction() as session:
        result = preview(
            session, asked("git_receive"), "alice", MATCH_CONTEXT, DayRange(NOW), shown=2, seconds=60)

    assert [message.msg_id for message in result.newest] == ["2026-1", "2026-2"]
    assert result.newest[0] == MESSAGES[0]
    assert result.total == 5


def test_when_time_runs_out_the_preview_says_so(
    database: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(history_search, "ROWS_AT_ONCE", 3)
    with database.transaction() as session:
        result = preview(session, asked("git_receive"), "alice", MATCH_CONTEXT, DayRange(NOW), seconds=-1)

    assert not result.complete
    assert result.since == MESSAGES[0].sent_at
    assert result.total == 0


def test_the_clock_is_looked_at_before_each_window(
    database: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given time for the first window, a thirteenth of the days since the oldest message, without any
    monkeypatch.setattr(history_search, "FIRST_MESSAGES", 1)
    with database.transaction() as session:
        result = preview(
            session, asked("actor(nobody)"), "alice", MATCH_CONTEXT, DayRange(NOW),
            deadline=EndingDeadline(0))

    # Then that's known of it
    assert (result.complete, result.total) == (False, 0)
    assert result.since == NOW - (NOW - MESSAGES[-1].sent_at) / len(MESSAGES)


@pytest.mark.parametrize("first", [0.01, 1, 4, 100])
def test_windows_join_without_gaps(
    database: Database, monkeypatch: pytest.MonkeyPatch, first: float,
) -> None:
    monkeypatch.setattr(history_search, "FIRST_MESSAGES", first)
    monkeypatch.setattr(history_search, "MAX_GROWTH", 1.0)

    # The newest message came later than this clock says
    late = DayRange(NOW - timedelta(hours=3))
    with database.transaction() as session:
        result = preview(session, asked("severity(info)"), "alice", MATCH_CONTEXT, late, seconds=60)

    assert [message.msg_id for message in result.newest] == preview_of_all(database)
    assert result.complete


def preview_of_all(database: Database) -> list[str]:
    with database.transaction() as session:
        return list(session.scalars(
            select(StoredMessage.msg_id).where(StoredMessage.event.is_not(None))
            .order_by(StoredMessage.received_at.desc())))


def test_what_cannot_be_asked_is_refused(database: Database) -> None:
    with database.transaction() as session, pytest.raises(RuleError):
        preview(session, asked('regex_filter("(")'), "alice", MATCH_CONTEXT, DayRange(NOW))


class TestWhatWasSeen:
    def test_is_kinds_and_topics_of_messages(self, database: Database) -> None:
        with database.transaction() as session:
            result = recent_traffic(session, NOW)

        assert result.includes("git", "git_receive")
        assert not result.includes("git", "git_branch")
        assert "org.fedoraproject.prod.meadow.grass" in result.topics
        assert result.days == 5

    def test_is_less_certain_before_event_types_were_noted(self, database: Database) -> None:
        with database.transaction() as session:
            session.execute(update(StoredMessage).values(event=None))
        with database.transaction() as session:
            result = recent_traffic(session, NOW)

        assert result.includes("git", "git_branch")
        assert not result.includes("copr", "copr_build_start")

    def test_is_nothing_in_an_empty_ledger(self, database: Database) -> None:
        empty(database)
        with database.transaction() as session:
            assert not recent_traffic(session, NOW)


class EndingDeadline(Deadline):
    """Time that is up when it has been asked for so often, or somebody who is gone then."""

    def __init__(self, times: int, error: type[Exception] = EvaluationTimeoutError) -> None:
        super().__init__()
        self._left = times
        self._error = error

    def check(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise self._error


def test_the_clock_is_looked_at_before_each_message(database: Database) -> None:
    # Given five messages with equal facts, and time for a page, its facts and searching two of them
    with database.transaction() as session:
        deadline = EndingDeadline(1 + 1 + 2)
        result = preview(
            session, asked('git_receive and not regex_filter("[A-Z]{9}")'), "alice", MATCH_CONTEXT,
            DayRange(NOW), deadline=deadline)

    # Then these two are told, and that it goes back to the third
    assert [message.msg_id for message in result.newest] == ["2026-1", "2026-2"]
    assert (result.complete, result.since) == (False, MESSAGES[2].sent_at)


def test_the_clock_is_looked_at_before_each_rule_of_a_message(database: Database) -> None:
    # Given messages with two bodies to be searched for five texts, which SQL can't do, and time for a page,
    # its facts and three searches
    texts = " or ".join(f'regex_filter("[^ -~]{{{number}}}")' for number in range(1, 6))
    with database.transaction() as session:
        deadline = EndingDeadline(1 + 1 + 3)
        result = preview(
            session, asked(f"git_receive and ({texts})"), "alice", MATCH_CONTEXT, DayRange(NOW),
            deadline=deadline)

    assert (result.complete, result.since) == (False, MESSAGES[0].sent_at)


def test_it_ends_when_nobody_waits(database: Database) -> None:
    with database.transaction() as session, pytest.raises(RequestAbandonedError):
        preview(session, asked("git_receive"), "alice", MATCH_CONTEXT, DayRange(NOW),
                deadline=EndingDeadline(1, RequestAbandonedError))
