"""``fmn why``, as an administrator asks it whom somebody's filters let a message through to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from fmn.catalog import Message
from fmn.cli import main
from fmn.filters.account_creation import create_user
from fmn.filters.default_filters import default_filters
from fmn.filters.expressions import ME, All, AnyOf, Expression, Not, Rule
from fmn.filters.models import Filter, MuteKind
from fmn.filters.mutes import mute
from fmn.filters.rule_types import rule_types
from fmn.infra.db import Database
from fmn.ledger.messages import store
from fmn.ledger.models import Notification, StoredMessage
from fmn.ledger.quarantine import MAX_TRIES
from fmn.people.models import Preference, User
from tests.factories.databases import current_revision

NOW = datetime(2026, 3, 14, tzinfo=UTC)
PUSH = Message("2026-push", "org.fedoraproject.prod.git.receive", NOW, {"commit": {
    "username": "bob", "namespace": "rpms", "repo": "moss", "branch": "f44", "summary": "Grow"}})


class Installation:
    """An installation in which Alice owns moss, and Bob pushes to it."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.database = database
        owners = folder / "owners.json"
        owners.write_text(json.dumps({"owners": {
            "alice": {"rpms": ["moss"]}, "@ferns": {"rpms": ["moss"]}}}), encoding="utf-8")
        self.config = folder / "fmn.ini"
        self.config.write_text("\n".join([
            "[app:main]", f"fmn.database.url = {database.url}", "fmn.directory.ownership = file",
            f"fmn.directory.file = {owners}"]), encoding="utf-8")
        with self.database.transaction() as session:
            store(session, [PUSH], NOW)

    def person(self, nick: str, filters: Mapping[str, Expression]) -> None:
        with self.database.transaction() as session:
            create_user(session, nick, {"email": [f"{nick}@example.org"]}, filters)

    def why(self, nick: str, msg_id: str = PUSH.msg_id, *options: str) -> Result:
        return CliRunner().invoke(main, ["--config", str(self.config), "why", nick, msg_id, *options])


@pytest.fixture
def installation(tmp_path: Path, database: Database) -> Iterator[Installation]:
    with current_revision(database):
        yield Installation(tmp_path, database)


def test_says_which_filter_lets_a_message_through_and_which_rules_speak_for_it(
    installation: Installation,
) -> None:
    installation.person("alice", default_filters(rule_types()))

    said = installation.why("alice").output

    assert said.startswith("bob pushed to rpms/moss (f44)")
    assert "✓ email" in said
    assert "✓ Events on packages that I own (lets it through)" in said
    assert "✓ About my packages" in said
    assert "✗ Events referring to my username" in said


def test_says_whose_packages_a_filter_is_about(installation: Installation) -> None:
    installation.person("mallory", {
        name: Rule.of("group_maintains", {"group": name}) for name in ("mossers", "ferns")})

    lines = installation.why("mallory").output.splitlines()

    assert lines[lines.index("✓ email") + 1:] == [
        "  ✗ mossers", "    ✗ About packages of the group mossers",
        "  ✓ ferns (lets it through)", "    ✓ About packages of the group ferns"]


def test_says_why_nothing_was_heard(installation: Installation) -> None:
    installation.person("mallory", default_filters(rule_types()))

    said = installation.why("mallory").output

    assert "✗ email" in said
    assert "✗ About my packages" in said
    assert "lets it through" not in said


#: About Alice's packages, not mentioning Bob, and of a branch.
THREE_RULES = All((
    Rule.of("user_package_filter", {"fasnick": ME}),
    Not(Rule.of("user_filter", {"fasnick": "bob"})),
    Rule.of("package_filter", {"package": "kernel"}),
))


def test_lists_the_first_rule_that_said_no_of_each_filter(installation: Installation) -> None:
    # Given filters whose first refusal is the second rule, the first, and every one of two
    installation.person("alice", {
        "Not by Bob": THREE_RULES,
        "Kernel": Rule.of("package_filter", {"package": "kernel"}),
        "Either": AnyOf((Rule("koji_tag"), All((
            Rule.of("package_filter", {"package": "moss"}), Rule("planet_post_new"))))),
    })

    lines = installation.why("alice").output.splitlines()

    # Then each has what decided, and nothing that comes after that or said yes
    assert lines[lines.index("✗ email") + 1:] == [
        "  ✗ Not by Bob", "    ✗ not: Mentioning bob",
        "  ✗ Kernel", "    ✗ About kernel",
        "  ✗ Either", "    ✗ any of", "      ✗ Build tagged", "      ✗ New blog post",
    ]
    # And all rules are there for whoever asks for them
    said = installation.why("alice", PUSH.msg_id, "--rules").output
    assert "✓ About my packages" in said


def test_says_what_else_keeps_a_message_back(installation: Installation) -> None:
    # Given a channel that is off, with filters that fit but are off, asleep, or spent
    everything = Rule.of("package_filter", {"package": "moss"})
    installation.person("alice", {"Off": everything, "Asleep": everything, "Once": everything})
    with installation.database.transaction() as session:
        preference = session.scalars(select(Preference)).one()
        off, asleep, once = session.scalars(select(Filter).order_by(Filter.position))
        off.enabled = asleep.enabled = once.enabled = preference.enabled = False
        asleep.snoozed_until = NOW + timedelta(days=1)
        once.oneshot = True
        earlier = store(session, [replace(PUSH, msg_id="2026-earlier")], NOW)
        session.add(Notification(
            message_id=earlier[0], preference_id=preference.id, filter_id=once.id, batched=False,
            created_at=NOW))

    said = installation.why("alice").output

    assert "✗ email (the channel is switched off)" in said
    assert "✓ Off (switched off)\n    All its rules fit." in said
    assert "✓ Asleep (snoozed until 2026-03-15 00:00 UTC)" in said
    assert "✓ Once (one-shot, switched off after its message of 2026-03-14 00:00 UTC)" in said


def test_says_what_is_recorded_beside_what_holds_now(installation: Installation) -> None:
    # Given a message that was matched before Alice had a filter
    with installation.database.transaction() as session:
        session.scalars(select(StoredMessage)).one().matched_at = NOW
    installation.person("alice", {"Moss": Rule.of("package_filter", {"package": "moss"})})
    said = installation.why("alice").output
    assert "✓ email\n  Recorded: no notification. Filters, mutes or package owners have changed" in said

    # And one that she was notified of by a filter that she changed since
    with installation.database.transaction() as session:
        preference, message = session.scalars(select(Preference)).one(), session.scalars(
            select(StoredMessage)).one()
        session.add(Notification(
            message_id=message.id, preference_id=preference.id, batched=False, created_at=NOW,
            filter_id=session.scalars(select(Filter.id)).one()))
    said = installation.why("alice").output
    assert "Recorded: notified 2026-03-14 00:00 UTC because of filter 'Moss'" in said


@pytest.mark.parametrize(("tries", "sentence"), [
    (0, "The message isn't matched yet, so nobody was notified. `fmn status` says"),
    (MAX_TRIES, "The message is quarantined: 3 workers died while matching it, so nobody was notified."),
    (MAX_TRIES, "Fix the cause, then run `fmn messages requeue`."),
])
def test_says_that_a_message_is_not_matched(installation: Installation, tries: int, sentence: str) -> None:
    installation.person("alice", default_filters(rule_types()))
    with installation.database.transaction() as session:
        session.scalars(select(StoredMessage)).one().tries = tries

    assert sentence in installation.why("alice").output


def test_says_which_filter_holds_failures(installation: Installation) -> None:
    installation.person("alice", default_filters(rule_types()))
    with installation.database.transaction() as session:
        for one in session.scalars(select(Filter)):
            one.hold_minutes = 15

    said = installation.why("alice").output

    assert "✓ Events on packages that I own (lets it through, holds failures for 15 minutes)" in said


def test_says_what_is_muted_and_until_when(installation: Installation) -> None:
    # Given Alice, who muted the package that she would hear of
    installation.person("alice", default_filters(rule_types()))
    with installation.database.transaction() as session:
        (alice,) = session.scalars(select(User.id))
        until = datetime(2126, 5, 4, 12, tzinfo=UTC)
        mute(session, alice, MuteKind.PACKAGE, "rpms/moss", until, NOW)

    said = installation.why("alice").output

    assert "✗ email (the package rpms/moss is muted until 2126-05-04 12:00 UTC)" in said
    assert "✓ Events on packages that I own (lets it through)" in said


def test_a_rule_that_cannot_be_asked_says_so(installation: Installation) -> None:
    installation.person("alice", {"Odd": AnyOf((
        Rule("no_such_rule"), Rule.of("user_package_filter", {"fasnick": ME})))})

    said = installation.why("alice").output

    assert "✗ no_such_rule: unknown rule 'no_such_rule'" in said


@pytest.mark.dialects
def test_messages_of_the_same_id_are_told_apart_and_late_ones_marked(installation: Installation) -> None:
    installation.person("alice", default_filters(rule_types()))
    # Given another service's message with the same id, which came a day late
    with installation.database.transaction() as session:
        store(session, [replace(PUSH, signer="squatter01", sent_at=NOW - timedelta(days=1))], NOW,
              freshness=timedelta(hours=1))

    lines = installation.why("alice").output.splitlines()

    assert [line for line in lines if line.startswith("Signed by")] == [
        "Signed by nobody:", "Signed by squatter01:"]
    assert len([line for line in lines if line.startswith("It came late: sent ")]) == 1


@pytest.mark.parametrize(("nick", "msg_id", "problem"), [
    ("nobody", PUSH.msg_id,
     "Error: there is no user 'nobody'. Accounts are created at the first sign-in"),
    ("alice", "2026-gone", (
        "Error: there is no message '2026-gone' in the last 14 days. Check the id. If the bus had the "
        "message and FMN missed it, `fmn catchup --since` asks for it")),
])
def test_a_question_about_nothing_gets_one_sentence(
    installation: Installation, nick: str, msg_id: str, problem: str,
) -> None:
    installation.person("alice", {})

    asked = installation.why(nick, msg_id)

    assert (asked.exit_code, asked.output.strip()) == (1, problem)
