"""``fmn trace``, on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from fmn.catalog import catalog
from fmn.cli import main
from fmn.digests.closing import close_due_digests
from fmn.filters.models import MuteKind
from fmn.filters.mutes import mute
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.ledger.deliveries import claim, finish, finish_sent, schedule_retry
from fmn.ledger.messages import store
from fmn.ledger.models import Delivery, DeliveryState, StoredMessage
from fmn.ledger.quarantine import MAX_TRIES
from fmn.settings import DatabaseSettings, DirectorySettings, Settings
from fmn.wiring import Services
from tests.factories.matching import match
from tests.factories.messages import NO_THROTTLING, NOON
from tests.factories.people import Person, make_person, remove_address

#: A build failed: a message that a filter may delay.
FAILURE = replace(catalog().events_by_name["koschei_package_failing"].example_message(), msg_id="2026-traced")
PACKAGE = "moss"
A_MINUTE = timedelta(minutes=1)
ANSWER = "550 5.1.1 <dave@example.org>: user unknown"

class Installation:
    """An installation that takes a message in and matches it; commands read its settings."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        directory = folder / "directory.json"
        directory.write_text('{"owners": {}}', encoding="utf-8")
        self.config = folder / "fmn.ini"
        self.config.write_text("\n".join([
            "[app:main]", f"fmn.database.url = {database.url}", "fmn.directory.ownership = file",
            f"fmn.directory.file = {directory}"]), encoding="utf-8")
        self.services = Services(Settings(
            database=DatabaseSettings(url=database.url), flood=NO_THROTTLING,
            directory=DirectorySettings(ownership="file", file=directory)))

    def receive(self) -> int:
        """The message comes 2 s after it was sent; returns its id in the ledger."""
        with self.database.transaction() as session:
            came = FAILURE.sent_at + timedelta(seconds=2)
            return store(session, [FAILURE], came)[0]

    def receive_and_match(self) -> int:
        message_id = self.receive()
        match(self.services.batch_matcher, [message_id])
        return message_id

    def person(self, nick: str, **settings: Any) -> Person:
        return make_person(self.database, nick, packages=[PACKAGE], **settings)

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, ["--config", str(self.config), "trace", *arguments])

    def trace(self, *options: str) -> str:
        result = self.run(FAILURE.msg_id, *options)
        assert result.exit_code == 0, result.output
        return result.stdout

    def delivery_of(self, person: Person) -> int:
        with self.database.reading() as session:
            return session.scalars(
                select(Delivery.id).where(Delivery.preference_id == person.preference_id)).one()


@pytest.fixture
def installation(database: Database, tmp_path: Path) -> Installation:
    return Installation(database, tmp_path)


def test_follows_a_message_that_was_muted_digested_delayed_and_refused(installation: Installation) -> None:
    # Given people of whom one muted what the message is about, one gets digests, one gives failures time
    database, now = installation.database, utc_now()
    muted, _ = installation.person("alice"), installation.person("bob", digest_seconds=60)
    installation.person("carol", hold_minutes=15)
    refused, delivered = installation.person("dave"), installation.person("erin")
    nowhere = installation.person("frank")
    remove_address(database, nowhere)
    with database.transaction() as session:
        mute(session, muted.user_id, MuteKind.PACKAGE, PACKAGE, now + timedelta(days=7), now)
    # When it's matched, the digest is closed, and a mail server refuses one delivery at the second attempt
    installation.receive_and_match()
    close_due_digests(database, database.now() + 2 * A_MINUTE, 100, NO_THROTTLING)
    failing, fine = installation.delivery_of(refused), installation.delivery_of(delivered)
    for attempt in range(2):
        with database.transaction() as session:
            then = database.now() + attempt * A_MINUTE
            assert claim(session, [failing], "backend", then, A_MINUTE) == [failing]
            if attempt == 0:
                assert schedule_retry(session, failing, "backend", "421 try again later", then)
            else:
                assert finish(session, failing, "backend", DeliveryState.FAILED, ANSWER, then)
                finish_sent(session, [fine], then)

    said = installation.trace()
    lines = said.splitlines()

    # Then it says when what was done with the message, and what lay between
    assert lines[0] == catalog().describe(FAILURE).summary
    assert line_with(lines, "Message").endswith(FAILURE.msg_id)
    assert line_with(lines, "Received").endswith("09:26:55 UTC, 2.0 s after it was sent")
    assert "when the last task to match it" in line_with(lines, "Stored and enqueued")
    assert line_with(lines, "Matched").endswith("after it was received")
    # And how many deliveries are in which state
    assert line_with(lines, "Notified").endswith("5 people")
    assert line_with(lines, "  by email").endswith("1 delayed, 1 dropped, 1 failed, 1 sent, 1 waiting")
    # And of each person the filter and every delivery, with times, attempts and answers
    for nick, texts in {
        "bob": ("bob  email  filter “moss”, recorded ", "\n  in digest: ", " closed ", "with 1 notification",
                "\n  waiting: to bob@example.org, next attempt "),
        "carol": ("\n  delayed: to carol@example.org until ", "unless it recovers before, no attempt yet"),
        "dave": ("\n  failed: to dave@example.org ", "after 2 attempts, created ", f": {ANSWER}"),
        "erin": ("\n  sent: to erin@example.org ", "after 1 attempt, created "),
        "frank": ("\n  dropped: ", ": no confirmed address"),
    }.items():
        for text in texts:
            assert text in block(said, nick)
    # And who has it muted, which is true now and isn't recorded
    assert "Muted now. Muting isn't recorded." in said
    assert "  alice  By email: the package moss, muted since " in said
    assert said.count("alice") == 1


def line_with(lines: list[str], start: str) -> str:
    return next(line for line in lines if line.startswith(start))


def block(said: str, nick: str) -> str:
    """What is said of a person."""
    return next(part for part in said.split("\n\n") if part.startswith(f"{nick}  "))


def test_shows_one_person(installation: Installation) -> None:
    installation.person("alice")
    installation.person("bob")
    make_person(installation.database, "carol", packages=["gimp"])
    installation.receive_and_match()

    alice = installation.trace("--user", "alice")
    assert "alice  email" in alice
    assert "bob" not in alice
    # Who wasn't notified is led to what says why not
    assert f"`fmn why carol {FAILURE.msg_id}`" in installation.trace("--user", "carol")


def test_a_message_to_many_is_counted_and_cut(installation: Installation) -> None:
    for number in range(25):
        installation.person(f"user{number:02}")
    installation.receive_and_match()

    said = installation.trace()

    assert line_with(said.splitlines(), "  by email").endswith("25 waiting")
    assert "user19  email" in said
    assert "user20  email" not in said
    assert "There are more than these 20: --all shows them, --user NICK one person's." in said
    everything = installation.trace("--all")
    assert "user24  email" in everything
    assert "There are more" not in everything


def test_programs_get_all_of_it_as_json(installation: Installation) -> None:
    alice = installation.person("alice", context="email")
    bob = installation.person("bob")
    with installation.database.transaction() as session:
        mute(session, bob.user_id, MuteKind.EVENT, "koschei_package_failing", None, NOON)
    installation.receive_and_match()

    [found] = json.loads(installation.trace("--json"))

    assert (found["msg_id"], found["state"], found["people"]) == (FAILURE.msg_id, "matched", 1)
    assert found["counts"] == {"email": {"waiting": 1}}
    [notification] = found["notifications"]
    assert (notification["nick"], notification["filter_id"]) == ("alice", alice.filter_ids[0])
    assert [each["state"] for each in notification["deliveries"]] == ["waiting"]
    assert [(each["nick"], each["kind"], each["contexts"]) for each in found["muted"]] == [
        ("bob", "event", ["email"])]
    assert found["muted"][0]["until"] is None


@pytest.mark.parametrize(("tries", "sentence"), [
    (0, "nobody was notified"),
    (MAX_TRIES, "3 workers died while matching it, so nobody was notified. Fix the cause, then run"),
])
def test_says_that_a_message_is_not_matched(installation: Installation, tries: int, sentence: str) -> None:
    message_id = installation.receive()
    with installation.database.transaction() as session:
        session.get_one(StoredMessage, message_id).tries = tries

    assert sentence in installation.trace()


@pytest.mark.parametrize(("arguments", "sentence"), [
    (("2026-gone",), "Error: there is no message '2026-gone' in the last 14 days. Check the id."),
    ((FAILURE.msg_id, "--user", "nobody"), "Error: there is no user 'nobody'"),
])
def test_a_question_about_nothing_gets_one_sentence(
    installation: Installation, arguments: tuple[str, ...], sentence: str,
) -> None:
    installation.receive()

    asked = installation.run(*arguments)

    assert (asked.exit_code, asked.output.startswith(sentence)) == (1, True)
