"""``fmn why``, as an administrator asks it whom somebody's filters let a message through to."""

from __future__ import annotations

import json
from collections.abc import Mapping
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
from fmn.filters.expressions import ME, AnyOf, Expression, Rule
from fmn.filters.models import Filter, MuteKind
from fmn.filters.mutes import mute
from fmn.filters.rule_types import rule_types
from fmn.infra import migrations
from fmn.infra.db import Database
from fmn.ledger.messages import store
from fmn.people.models import User

NOW = datetime(2026, 3, 14, tzinfo=UTC)
PUSH = Message("2026-push", "org.fedoraproject.prod.git.receive", NOW, {"commit": {
    "username": "bob", "namespace": "rpms", "repo": "moss", "branch": "f44", "summary": "Grow"}})


class Installation:
    """An installation in which Alice owns moss, and Bob pushes to it."""

    def __init__(self, folder: Path, url: str) -> None:
        self.database = Database(url)
        migrations.upgrade(self.database)
        owners = folder / "owners.json"
        owners.write_text(json.dumps({"owners": {"alice": {"rpms": ["moss"]}}}), encoding="utf-8")
        self.config = folder / "fmn.ini"
        self.config.write_text("\n".join([
            "[app:main]", f"fmn.database.url = {url}", "fmn.directory.ownership = file",
            f"fmn.directory.file = {owners}"]), encoding="utf-8")
        with self.database.transaction() as session:
            store(session, [PUSH], NOW)

    def person(self, nick: str, filters: Mapping[str, Expression]) -> None:
        with self.database.transaction() as session:
            create_user(session, nick, {"email": [f"{nick}@example.org"]}, filters)

    def why(self, nick: str, msg_id: str = PUSH.msg_id) -> Result:
        return CliRunner().invoke(main, ["--config", str(self.config), "why", nick, msg_id])


@pytest.fixture
def installation(tmp_path: Path, database_url: str) -> Installation:
    return Installation(tmp_path, database_url)


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


def test_says_why_nothing_was_heard(installation: Installation) -> None:
    installation.person("mallory", default_filters(rule_types()))

    said = installation.why("mallory").output

    assert "✗ email" in said
    assert "✗ About my packages" in said
    assert "lets it through" not in said


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

    assert "✗ no_such_rule: there is no rule 'no_such_rule'" in said


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
    ("nobody", PUSH.msg_id, "Error: nobody here is called 'nobody'"),
    ("alice", "2026-gone", "Error: there is no message '2026-gone' in the last 14 days"),
])
def test_a_question_about_nothing_gets_one_sentence(
    installation: Installation, nick: str, msg_id: str, problem: str,
) -> None:
    installation.person("alice", {})

    asked = installation.why(nick, msg_id)

    assert (asked.exit_code, asked.output.strip()) == (1, problem)
