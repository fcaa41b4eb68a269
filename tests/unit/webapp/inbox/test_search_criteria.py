"""What search queries ask of an inbox."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from fmn.errors import UserError
from fmn.ledger.inbox_filter import EVERYWHERE, IN_INBOX, Criterion, FilterOption, InboxFilter, Place, Subject
from tests.factories.messages import NOON
from webapp.inbox.search_criteria import IS_VALUES, Vocabulary, application_words
from webapp.inbox.search_query import parse_query

BERLIN = Vocabulary(
    "alice", ["email", "irc"],
    [FilterOption(1, "My packages", "email"), FilterOption(2, "My packages", "irc"),
     FilterOption(3, "Comments", "email")],
    NOON, ZoneInfo("Europe/Berlin"))


def resolve(text: str) -> InboxFilter:
    return BERLIN.resolve(parse_query(text))


def about(subject: Subject, *values: str, negated: bool = False) -> InboxFilter:
    return InboxFilter(criteria=(Criterion(subject, values, negated),))


@pytest.mark.parametrize(("text", "wanted"), [
    ("", IN_INBOX),
    ('"in the oven"', about(Subject.TEXT, "in the oven")),
    ("package:moss package:rpms/fern", about(Subject.PACKAGE, "moss", "rpms/fern")),
    ("app:koji", about(Subject.APPLICATION, "buildsys")),
    ("app:Buildsys", about(Subject.APPLICATION, "buildsys")),
    ('-app:"Mailing lists"', about(Subject.APPLICATION, "mailman", negated=True)),
    ("app:mailing-lists", about(Subject.APPLICATION, "mailman")),
    ("severity:Error severity:warning", about(Subject.SEVERITY, "error", "warning")),
    ("from:mary", about(Subject.AGENT, "mary")),
    ("-from:me", about(Subject.AGENT, "alice", negated=True)),
    ("person:@me", about(Subject.PERSON, "alice")),
    ("group:bakers", about(Subject.GROUP, "bakers")),
    ("status:pending", about(Subject.STATE, "waiting")),
    ("status:not-sent", about(Subject.STATE, "dropped")),
    ("status:dropped", about(Subject.STATE, "dropped")),
    ('status:"Not sent"', about(Subject.STATE, "dropped")),
    ('filter:"my packages"', about(Subject.FILTER, "1", "2")),
    ("filter:3", about(Subject.FILTER, "3")),
    ("channel:E-mail", InboxFilter(contexts=frozenset({"email"}))),
    ("channel:irc channel:email", InboxFilter(contexts=frozenset({"email", "irc"}))),
    ("-channel:irc", InboxFilter(without_contexts=frozenset({"irc"}))),
    ("is:unread", InboxFilter(unread=True)),
    ("-is:unread", InboxFilter(unread=False)),
    ("is:done", InboxFilter(places=frozenset({Place.DONE}))),
    ("is:snoozed is:open", InboxFilter(places=frozenset({Place.SNOOZED, Place.OPEN}))),
    ("-is:done", InboxFilter(places=EVERYWHERE - {Place.DONE})),
    ("is:any is:read", InboxFilter(places=EVERYWHERE, unread=False)),
    ("after:2026-05-01", InboxFilter(since=datetime(2026, 4, 30, 22, tzinfo=UTC))),
    ("before:2026-11-01", InboxFilter(until=datetime(2026, 10, 31, 23, tzinfo=UTC))),
    ("-before:today", InboxFilter(since=datetime(2026, 5, 3, 22, tzinfo=UTC))),
    ("after:yesterday after:today before:2026-05-06 before:2026-05-07", InboxFilter(
        since=datetime(2026, 5, 3, 22, tzinfo=UTC), until=datetime(2026, 5, 5, 22, tzinfo=UTC))),
])
def test_looks_values_up(text: str, wanted: InboxFilter) -> None:
    assert resolve(text) == wanted


def test_holds_all_of_it_at_once() -> None:
    assert resolve("moss -pie app:bodhi is:any") == replace(
        InboxFilter(places=EVERYWHERE), criteria=(
            Criterion(Subject.TEXT, ("moss",)), Criterion(Subject.TEXT, ("pie",), negated=True),
            Criterion(Subject.APPLICATION, ("bodhi",))))


@pytest.mark.parametrize(("text", "words"), [
    ("app:bhodi", "There’s no application “bhodi”. Did you mean “bodhi”?"),
    ("severity:bad", "“bad” isn’t a severity. Use one of: debug, info, warning, error."),
    ("severity:eror", "Did you mean “error”?"),
    ("is:new", f"“new” isn’t a state. Use one of: {', '.join(IS_VALUES)}."),
    ("status:lost", "“lost” isn’t a status. Use one of: sent, pending, failed, not-sent."),
    ("channel:pigeon", "There’s no channel “pigeon”. Use one of: email, irc."),
    ("filter:Coments", "You have no filter “Coments”. Did you mean “Comments”?"),
    ("before:soon", "“soon” isn’t a day. Write it like 2026-05-04, or “today” or “yesterday”."),
    ("before:9999-12-31", "isn’t a day"),
    ("after:0001-01-01", "isn’t a day"),
    ("is:read is:unread", "exclude each other"),
    ("is:done is:unread", "exclude each other"),
    ("is:done -is:done", "exclude each other"),
])
def test_says_what_it_does_not_know(text: str, words: str) -> None:
    with pytest.raises(UserError) as told:
        resolve(text)
    assert words in str(told.value)
    assert told.value.field == "q"


def test_every_application_has_a_name_of_its_own() -> None:
    words = application_words()
    assert (words["buildsys"], words["git"], words["fedbadges"]) == ("koji", "dist-git", "fedbadges")
    for category, word in words.items():
        for name in (category, word):
            assert resolve(f"app:{name}") == about(Subject.APPLICATION, category)
