"""People imported from an FMN 2 database on SQLite or PostgreSQL into one of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from fmn.catalog import catalog
from fmn.cli import main
from fmn.directory.file import FileSource
from fmn.directory.merging import merge
from fmn.filters import budgets
from fmn.filters.expressions import All, Not, Rule, with_me
from fmn.filters.locking import MAX_FILTERS
from fmn.filters.models import Filter
from fmn.filters.rule_types import rule_types
from fmn.infra.db import Database
from fmn.ledger.account_deletion import delete_account
from fmn.ledger.models import Delivery
from fmn.matching.verdicts import ExpressionEvaluator
from fmn.people.change_log import current_revision
from fmn.people.models import DetailValue, User
from fmn.preferences_io.export import preferences_document
from fmn.preferences_io.schema import Context
from tests.corpus import CORPUS, differing, needs_corpus, recorded, rules
from tests.factories.databases import tables_in
from tests.factories.fmn2 import Fmn2, rule
from tests.factories.messages import NOON
from tests.factories.people import make_person
from tests.servers.postgresql import PostgreSQL

pytestmark = pytest.mark.dialects

CHANNELS = ["email", "irc"]
MINE = (rule("user_package_filter", fasnick="mary"), rule("koji_tag", negated=True))


@pytest.fixture
def old(request: pytest.FixtureRequest, tmp_path: Path, database: Database) -> Iterator[Fmn2]:
    """An FMN 2 database with nobody in it, of the same kind as ours."""
    if database.embedded:
        fmn2 = Fmn2(f"sqlite:///{tmp_path}/fmn2.sqlite")
        yield fmn2
        fmn2.close()
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    url = server.create_database()
    fmn2 = Fmn2(url)
    yield fmn2
    fmn2.close()
    server.drop_database(url)


class Import:
    """Runs ``fmn import-fmn2`` into a database where people are written to by mail and on IRC."""

    def __init__(self, database: Database, folder: Path, url: str) -> None:
        self.database = database
        self._url = url
        self._config = folder / "fmn.ini"
        self._config.write_text(
            f"[app:main]\nfmn.database.url = {database.url}\nfmn.delivery.channels = {' '.join(CHANNELS)}\n")

    def __call__(self, *arguments: str, url: str = "") -> Result:
        command = ["--config", str(self._config), "import-fmn2", *arguments, url or self._url]
        return CliRunner().invoke(main, command)

    def of(self, nick: str) -> dict[str, Context]:
        """What somebody has now, by context."""
        with self.database.reading() as session:
            user = session.scalars(select(User).where(User.nick == nick)).one()
            return preferences_document(session, user, CHANNELS, rule_types(), NOON).contexts

    @property
    def revision(self) -> int:
        with self.database.reading() as session:
            return current_revision(session)

    @property
    def nicks(self) -> Sequence[str]:
        with self.database.reading() as session:
            return session.scalars(select(User.nick).order_by(User.nick)).all()


@pytest.fixture
def import_(database: Database, tmp_path: Path, old: Fmn2) -> Import:
    return Import(database, tmp_path, old.url)


def test_people_have_what_they_had_and_importing_again_changes_nothing(import_: Import, old: Fmn2) -> None:
    # Given Mary, who has digests by mail and is written to on IRC, but for the moment
    mary = old.user("mary")
    mails = old.preference(
        mary, addresses=["mary@example.org"], filters={"Mine": MINE}, batch_count=10, batch_delta=3600)
    old.filter(mails, "Once", [rule("bodhi_update_comment")], active=False, oneshot=True)
    old.preference(
        mary, "irc", addresses=["mary_"], enabled=False, markup_messages=True, verbose=False,
        shorten_links=True)

    # When she is imported
    tried = import_("--dry-run")
    assert tried.exit_code == 0, tried.output
    assert (import_.nicks, import_.revision) == ([], 0)
    done = import_()
    counts = "1 user imported, with 2 channels, 2 filters and 2 confirmed addresses.\n"
    assert done.stdout == f"{counts}\nNothing needs attention.\n"
    assert tried.stdout == f"{done.stdout}Dry run, nothing changed. Run again without --dry-run to import.\n"

    # Then she has it, and her addresses are confirmed as they were, without a word to her
    has = import_.of("mary")
    email, irc = has["email"], has["irc"]
    assert [(each.name, each.expression, each.enabled, each.oneshot) for each in email.filters or ()] == [
        ("Mine", "user_package_filter(@me) and not koji_tag", True, False),
        ("Once", "all(bodhi_update_comment)", False, True)]
    assert email.frequency is not None
    assert (email.enabled, email.frequency.digest_count, email.frequency.digest_seconds) == (True, 10, 3600)
    assert irc.presentation is not None
    assert (irc.enabled, irc.presentation.long_text, irc.presentation.short_links) == (False, False, True)
    then = datetime(2017, 3, 14, 9, 26, 53, tzinfo=UTC)
    with import_.database.reading() as session:
        found = session.execute(select(DetailValue.value, DetailValue.confirmed_at).order_by(DetailValue.id))
        assert [tuple(each) for each in found] == [("mary@example.org", then), ("mary_", then)]
        assert session.scalars(select(Delivery)).all() == []
        assert session.scalars(select(User.set_up_at)).one() is not None

    # and a second time changes nothing, not even when it's to replace what she has
    before = import_.revision
    assert import_().stdout.splitlines()[1] == "1 user imported before."
    assert import_("--replace").stdout == done.stdout
    assert (import_.revision, import_.of("mary")) == (before, has)


def test_what_is_over_budget_is_off_or_left_out_and_said(
    import_: Import, old: Fmn2, monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given a budget of one regular expression and three filters, and Mary, who had two and four
    monkeypatch.setattr(budgets, "PER_PERSON", replace(budgets.PER_PERSON, patterns=1, filters=3))
    mary = old.user("mary")
    old.preference(mary, addresses=["mary@example.org"], filters={
        "One": [rule("package_regex_filter", pattern="^a")],
        "Two": [rule("package_regex_filter", pattern="^b")]})
    old.preference(mary, "irc", filters={"Three": MINE, "Four": MINE})

    # When she is imported
    done = import_()

    # Then she has as much of it as may be, the rest is off or left out, and somebody is told of it
    assert done.exit_code == 0, done.output
    has = import_.of("mary")
    on = {each.name: each.enabled for context in has.values() for each in context.filters or ()}
    assert on == {"One": True, "Two": False, "Three": True}
    assert ("mary, email: filter “Two” is disabled: With it your filters have 2 regular expressions, and "
            "1 is the most: join some by |, or ask for packages and applications by name.") in done.stdout
    assert ("mary, irc: filter “Four” wasn't imported: There can be 3 filters at most in all channels: "
            "delete some that you don’t need.") in done.stdout
    # and a second time changes nothing
    before = import_.revision
    assert import_("--replace").stdout == done.stdout
    assert import_.revision == before


def test_what_cannot_be_the_same_is_off_and_said(import_: Import, old: Fmn2, tmp_path: Path) -> None:
    mary = old.user("mary")
    old.preference(mary, filters={"Gone": [rule("user_filter", fasnick="mary"), rule("gone_rule", None)]})
    old.preference(mary, "android", addresses=["APA91b"])
    old.preference(mary, "sse")
    old.insert("confirmations", openid=mary, context_name="irc", status="pending", detail_value="mary_",
               secret="0" * 32)
    old.insert("queued_messages", openid=mary, context_name="email", _message="{}")
    old.user("not a nick")
    # What takes too much isn't refused beyond what is wrong with it
    sam = old.user("sam")
    old.preference(sam, addresses=["sam", "SAM@example.org"], batch_delta=10)
    make_person(import_.database, "bob", addresses=["sam@example.org"])
    bob = old.user("bob")
    old.preference(bob, filters={"Bob's": MINE})

    file = tmp_path / "report.txt"
    short = import_("--report", str(file))
    assert short.exit_code == 0, short.output
    assert short.stdout.endswith(f"7 entries need attention: see {file}.\n")
    assert file.read_text() == """\
2 users imported, with 2 channels, 1 filter and 0 confirmed addresses.
1 user skipped, with an account here already: use --replace to replace their preferences.
1 filter disabled that can't be translated.
1 user had android enabled, which wasn't imported: it isn't in fmn.delivery.channels.
1 user had sse enabled, which wasn't imported: it isn't in fmn.delivery.channels.
1 message pending for digests in FMN 2: only FMN 2 can send them.

Needs attention:
bob: skipped: has an account here already.
mary, email: filter “Gone” is disabled: Unknown rule 'gone_rule'.
mary, irc: mary_ was never confirmed; its owner can add it.
not a nick.id.fedoraproject.org: not imported: this can't be an account's name here.
sam, email: a digest came after 10 seconds; now it comes after 60 seconds.
sam, email: sam wasn't imported: “sam” isn’t an e-mail address. Write one such as name@example.org.
sam, email: SAM@example.org wasn't imported: it is confirmed for another account here.
"""
    # Whose filter is off reads why
    with import_.database.reading() as session:
        [gone] = session.scalars(select(Filter).where(Filter.name == "Gone"))
    assert gone.stop_reason is not None
    assert not gone.enabled
    assert gone.stop_reason.startswith(
        "Imported from FMN 2, where it meant something slightly different. Unknown rule")

    # and who was here has what they had in FMN 2 if that's wanted
    assert import_.of("bob")["email"].filters != []
    import_("--replace")
    assert [each.name for each in import_.of("bob")["email"].filters or ()] == ["Bob's"]


def test_who_deleted_their_account_is_not_brought_back(import_: Import, old: Fmn2) -> None:
    old.preference(old.user("mary"), filters={"Mine": MINE})
    import_()
    with import_.database.transaction() as session:
        delete_account(session, session.scalars(select(User.id)).one())
    for arguments in ((), ("--replace",)):
        assert import_(*arguments).stdout.splitlines()[1] == "1 user imported before."
    assert import_.nicks == []


def test_goes_on_where_it_was(import_: Import, old: Fmn2, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given an import that was stopped after the first of three people, and read by two at a time
    monkeypatch.setattr("fmn.fmn2.database.AT_ONCE", 2)
    for nick in ("ann", "mary", "tom"):
        old.preference(old.user(nick), filters={"Mine": MINE})
    brought: list[object] = []

    def stop(*_arguments: object) -> bool:
        brought.append(None)
        if len(brought) > 1:
            raise KeyboardInterrupt
        return False

    with monkeypatch.context() as patch:
        patch.setattr("fmn.fmn2.importer._note_why_off", stop)
        assert import_().exit_code != 0
    assert import_.nicks == ["ann"]
    # When it's run again, then the others come, and the first one isn't touched
    assert import_().stdout.splitlines()[:2] == [
        "2 users imported, with 2 channels, 2 filters and 0 confirmed addresses.",
        "1 user imported before."]
    assert import_.nicks == ["ann", "mary", "tom"]


@pytest.mark.parametrize(("url", "sentence"), [
    ("sqlite:///nowhere.sqlite", "Error: there is no file nowhere.sqlite"),
    ("mongodb://x", "Error: this is no URL of a database that can be read: "),
    ("what", "Error: this is no URL of a database that can be read: "),
    ("postgresql://nobody@127.0.0.1:1/x", "Error: the database of FMN 2 can't be read: "),
])
def test_a_mistake_gets_one_sentence(database: Database, tmp_path: Path, url: str, sentence: str) -> None:
    result = Import(database, tmp_path, "")(url=url)
    assert result.exit_code == 1
    assert result.stderr.startswith(sentence)
    assert "Traceback" not in result.output


def test_another_database_is_none_of_fmn_2_s(database: Database, tmp_path: Path) -> None:
    # Ours, as it happens
    result = Import(database, tmp_path, database.url)()
    assert result.stderr.startswith("Error: this is no database of FMN 2: its table ")


@pytest.fixture
def judges(tmp_path: Path) -> Mapping[str, ExpressionEvaluator]:
    """Who judges the recorded messages, by their names, as FMN 2 was asked about them."""
    known = json.loads((CORPUS / "rules" / "truth.json").read_text(encoding="utf-8"))["asked_with_directory"]
    file = tmp_path / "directory.json"
    file.write_text(json.dumps({
        "owners": known["owners"], "groups": known["groups"], "aliases": known["nicks_and_emails"]}))
    directory = merge([FileSource(file).fetch()])
    return {
        each.name: ExpressionEvaluator(
            catalog().facts(each.message, directory.account), directory, rule_types("dev"))
        for each in recorded()}


@needs_corpus
def test_a_filter_lets_through_what_it_let_through_in_fmn_2(
    tmp_path: Path, judges: Mapping[str, ExpressionEvaluator],
) -> None:
    # Given people with a filter for each of FMN 2's rules, as it was asked about recorded messages
    old = Fmn2(f"sqlite:///{tmp_path}/fmn2.sqlite")
    cases = [(name, case) for name, rule_ in rules().items() for case in rule_["cases"]]
    for start in range(0, len(cases), MAX_FILTERS):
        preference = old.preference(old.user(f"asker{start}"))
        for number, (name, case) in enumerate(cases[start:start + MAX_FILTERS], start):
            old.filter(preference, str(number), [rule(name, negated=number % 2 == 1, **case["with"])])
    with tables_in(f"sqlite:///{tmp_path}/fmn.sqlite") as database:
        # When they're imported
        done = Import(database, tmp_path, old.url)()
        old.close()
        assert done.exit_code == 0, done.output
        with database.reading() as session:
            filters = {int(row.name): row.stored.expression for row in session.scalars(select(Filter))}

    # Then each asks what it asked, and where it's tried, lets the same messages through
    for number, (name, case) in enumerate(cases):
        asked = with_me(Rule.of(name, case["with"]), "whoever asks")
        assert filters[number] == All((Not(asked) if number % 2 else asked,))
        if number % 100 == 0 or (case["with"] and number % 3 == 0):
            held = {message for message, judge in judges.items() if judge.holds(filters[number])}
            then = judges.keys() - case["true"] if number % 2 else set(case["true"])
            assert differing(name, held, then) == [], asked
