"""Preferences exported and imported, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import select, update

from fmn.catalog import catalog
from fmn.filters import budgets
from fmn.filters.editing import add_filter
from fmn.filters.expressions import Rule, expression_digest
from fmn.filters.models import Filter, StoredExpression
from fmn.filters.mutes import MAX_MUTES
from fmn.filters.rule_types import rule_types
from fmn.filters.spec import FilterSpec
from fmn.infra.db import Database
from fmn.ledger.models import Delivery, DeliveryKind
from fmn.people.accounts import get_or_create_account
from fmn.people.change_log import current_revision
from fmn.people.models import DetailValue, Preference, PreferenceChange, User
from fmn.preferences_io.apply import apply_plan, lock_for_import
from fmn.preferences_io.export import preferences_document, render_file
from fmn.preferences_io.file_parser import PreferencesFileError, parse_file
from fmn.preferences_io.import_plan import ImportPlanner
from fmn.preferences_io.plan_description import planned_changes
from fmn.preferences_io.schema import Format, Preferences
from fmn.settings import ConfirmationSettings, Settings
from tests.concurrency import at_once
from tests.factories.messages import NOON
from tests.factories.people import Person, make_person
from tests.factories.preferences import PREFERENCES
from tests.factories.statements import statements_on

_numbers = count(1)


def import_(
    database: Database, nick: str, preferences: Preferences, *, dry: bool = False,
    limits: ConfirmationSettings | None = None,
) -> tuple[Sequence[str], Sequence[str]]:
    """What changes, and what is told besides."""
    with database.transaction() as session:
        user = lock_for_import(session, session.scalars(select(User.id).where(User.nick == nick)).one())
        plan = ImportPlanner(session, user, Settings(), rule_types(), catalog(), NOON).plan(preferences)
        found = planned_changes(plan, rule_types())
        told = () if dry else apply_plan(session, plan, NOON, limits or ConfirmationSettings())
        return [f"{each.kind}: {each.sentence}" for each in found], told


def import_text(database: Database, text: str, *, dry: bool = False) -> Sequence[str]:
    return import_(database, "alice", parse_file(f"version = 1\n{text}".encode()), dry=dry)[0]


def refused(database: Database, text: str) -> Sequence[str]:
    with pytest.raises(PreferencesFileError) as caught:
        import_text(database, text)
    return [str(problem) for problem in caught.value.problems]


def export(database: Database, nick: str = "alice") -> Preferences:
    with database.reading() as session:
        user = session.scalars(select(User).where(User.nick == nick)).one()
        return preferences_document(session, user, ["email"], rule_types(), NOON)


def ids(database: Database) -> dict[str, int]:
    """Alice's filters, in their order."""
    with database.reading() as session:
        return {row.name: row.id for row in session.scalars(select(Filter).order_by(Filter.position))}


@pytest.fixture
def alice(database: Database) -> Person:
    """Alice, with filters on kernel, moss and tar."""
    return make_person(database, "alice", packages=("kernel", "moss", "tar"))


@pytest.mark.dialects
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(PREFERENCES, PREFERENCES)
def test_what_is_imported_is_there_and_importing_it_again_changes_nothing(
    database: Database, first: Preferences, second: Preferences,
) -> None:
    # Given somebody who hasn't set anything yet
    nick = f"alice{next(_numbers)}"
    with database.transaction() as session:
        get_or_create_account(session, nick, ["email"])

    for wanted in (first, second):
        # When they import preferences
        import_(database, nick, wanted)

        # Then these are what they have
        there = export(database, nick)
        assert there.contexts["email"].model_copy(update={"addresses": None}) == wanted.contexts[
            "email"].model_copy(update={"addresses": None})
        assert set(there.contexts["email"].addresses or ()) == set(wanted.contexts["email"].addresses or ())
        assert {mute.value: mute for mute in there.mutes or ()} == {
            mute.value: mute for mute in wanted.mutes or ()}
        assert there.time_zone == wanted.time_zone

        # and importing what is exported changes nothing
        for written in Format:
            again = parse_file(render_file(there, written, nick).encode())
            before = revision(database)
            assert import_(database, nick, again) == ([], [])
            assert revision(database) == before


def revision(database: Database) -> int:
    with database.reading() as session:
        return current_revision(session)


@pytest.mark.dialects
def test_what_would_change_is_told_in_words_and_nothing_is_done(database: Database, alice: Person) -> None:
    text = """
        time_zone = "Europe/Prague"
        [[mutes]]
        kind = "package"
        value = "grub2"
        [contexts.email]
        enabled = false
        addresses = ["new@example.org"]
        frequency = {digest_count = 5}
        quiet_hours = {quiet_from = "22:00", quiet_until = "07:00"}
        presentation = {short_links = true}
        filters = [
            {name = "tar", expression = "package_filter(tar)", enabled = false, hold_minutes = 15},
            {name = "kernel", expression = "package_filter(kernel) and not koji_tag", oneshot = true,
             owner_note = "Asked by\\nBob"},
            {name = "Others", expression = "koji_tag", hold_minutes = 1, owner_note = "Why not"},
            {name = "Mosses", expression = "package_filter(moss)"},
        ]"""
    before, kernel = (export(database), revision(database)), "package_filter(kernel)"
    assert import_text(database, text, dry=True) == [
        "changed: Time zone: Europe/Prague (was: UTC).",
        "added: The package grub2 is muted forever.",
        "changed: The channel is switched off.",
        "added: new@example.org is added and has to be confirmed.",
        "removed: alice@example.org is removed.",
        "changed: Schedule: in a digest every 5 notifications (was: immediately).",
        "changed: Quiet hours: no notifications from 22:00 to 07:00, except urgent ones (was: none).",
        "changed: Short links: on (was: off).",
        "changed: Filter “tar” is switched off.",
        "changed: Filter “tar” holds failures for 15 minutes.",
        f"changed: Filter “kernel” asks: {kernel} and not koji_tag – it asked: {kernel}",
        "changed: Filter “kernel” switches itself off after one message.",
        "changed: Filter “kernel” has the note “Asked by Bob”.",
        ("added: Filter “Others” is added, holding failures for 1 minute and with the note “Why not”. "
         "It asks: koji_tag"),
        "changed: Filter “moss” is called “Mosses”.",
        "changed: The filters’ order becomes “tar”, “kernel”, “Others”, “Mosses”.",
    ]
    assert (export(database), revision(database)) == before
    assert len(import_text(database, text)) == 16
    assert import_text(database, text) == []


def test_what_is_not_mentioned_stays(database: Database, alice: Person) -> None:
    before = export(database)
    assert import_text(database, "") == []
    assert import_text(database, "[contexts.email]\n[contexts.email.frequency]\ndigest_count = 3") == [
        "changed: Schedule: in a digest every 3 notifications (was: immediately)."]
    # A group is meant as a whole
    assert import_text(database, "[contexts.email.frequency]\ndigest_seconds = 3600") == [
        "changed: Schedule: in a digest every hour (was: in a digest every 3 notifications)."]
    assert export(database).contexts["email"].filters == before.contexts["email"].filters


@pytest.mark.dialects
def test_filters_that_stay_keep_their_ids_and_links(database: Database, alice: Person) -> None:
    # Given filters, one of which an administrator stopped
    before = ids(database)
    with database.transaction() as session:
        session.execute(
            update(Filter).where(Filter.name == "kernel").values(enabled=False, stop_reason="Too much."))

    # When one is renamed, one asks something else and is on, one goes, and one comes
    import_text(database, """
        [[contexts.email.filters]]
        name = "New"
        expression = "koji_tag"
        [[contexts.email.filters]]
        name = "Moss"
        expression = "package_filter(moss)"
        [[contexts.email.filters]]
        name = "kernel"
        expression = "package_filter(kernel) and koji_tag\"""".rstrip('"') + '"')

    # Then those that stay are the same ones
    after = ids(database)
    assert list(after) == ["New", "Moss", "kernel"]
    assert (after["Moss"], after["kernel"]) == (before["moss"], before["kernel"])
    with database.reading() as session:
        assert session.get_one(Filter, after["kernel"]).stop_reason is None
        assert [session.get_one(Filter, each).version for each in after.values()] == [0, 1, 1]


@pytest.mark.dialects
def test_new_addresses_get_a_link_and_old_ones_stay_confirmed(database: Database, alice: Person) -> None:
    import_text(database, "[contexts.email]\naddresses = ['ALICE@example.org', 'new@example.org']")
    with database.reading() as session:
        addresses = {row.value: row.confirmed_at for row in session.scalars(select(DetailValue))}
        letters = list(session.scalars(
            select(Delivery.destination).where(Delivery.kind == DeliveryKind.CONFIRMATION)))
    assert addresses == {"alice@example.org": NOON, "new@example.org": None}
    assert letters == ["new@example.org"]


def test_no_more_is_asked_at_once_than_may_be(database: Database, alice: Person) -> None:
    wanted = parse_file(b"version = 1\n[contexts.email]\naddresses = ['a@example.org', 'b@example.org']")
    _, told = import_(database, "alice", wanted, limits=ConfirmationSettings(per_user_per_hour=1))
    (sentence,) = told
    assert sentence.startswith("b@example.org is added, but can’t be confirmed yet.")
    assert export(database).contexts["email"].addresses == ["a@example.org", "b@example.org"]


def test_what_cannot_be_is_refused_with_all_reasons_and_changes_nothing(
    database: Database, alice: Person,
) -> None:
    # Given somebody else's address
    make_person(database, "bob")
    before = export(database), revision(database)
    found = refused(database, """
        time_zone = "Mars/Olympus"
        [contexts.pigeon]
        [contexts.email]
        addresses = ["alice@example.org", "nobody", "bob@example.org"]
        frequency = {digest_count = 1}
        quiet_hours = {quiet_from = "22:00"}
        filters = [
            {name = "Karma", expression = "bodhi_update_coment"},
            {name = "All", expression = "not koji_tag"},
            {name = "Half", expression = "koji_tag and"},
            {name = "None"},
            {name = " ", expression = "koji_tag"},
        ]
        [[mutes]]
        kind = "package"
        value = ""
        """)
    for problem, beginning in zip(found, (
        "time_zone: There is no time zone “Mars/Olympus”.",
        "contexts.pigeon: Nothing can be sent that way here, only by email.",
        "contexts.email, address 2: “nobody” isn’t an e-mail address.",
        "contexts.email, address 3: This address belongs to another account here.",
        "contexts.email, frequency, digest_count: A digest can have from 2 to 1,000 messages.",
        "contexts.email, quiet_hours, quiet_until: Say from when until when, or leave both empty.",
        "contexts.email, filter 3 “Half”, expression: The text ends too early:",
        "contexts.email, filter 1 “Karma”, expression: Unknown rule 'bodhi_update_coment'; did you mean",
        "contexts.email, filter 2 “All”, expression: This filter only excludes messages",
        "contexts.email, filter 4 “None”, expression: It is missing.",
        "contexts.email, filter 5 “ ”, name: Give the filter a name.",
        "mute 1, value: It should have from 1 to 500 characters.",
    ), strict=True):
        assert problem.startswith(beginning)
    assert (export(database), revision(database)) == before


def test_what_is_over_budget_with_the_other_channels_is_refused(
    database: Database, alice: Person, monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given a budget of one regular expression, which Alice uses on IRC
    monkeypatch.setattr(budgets, "PER_PERSON", replace(budgets.PER_PERSON, patterns=1))
    with database.transaction() as session:
        other = Preference(user_id=alice.user_id, context="irc", enabled=False)
        session.add(other)
        session.flush()
        add_filter(session, other, FilterSpec(
            name="one", expression=Rule.of("package_regex_filter", {"pattern": "^a"})))
    before = export(database)

    # When she imports a second one by mail, then she's told, and nothing changes
    two = """[[contexts.email.filters]]\nname = "two"\nexpression = 'package_regex_filter("^b")'\n"""
    (problem,) = refused(database, two)
    assert problem.startswith(
        "contexts: With it your filters have 2 regular expressions, and 1 is the most: join some by |")
    assert export(database) == before

    # nor is what is too much by itself looked at any closer
    both = two + two.replace('"two"', '"three"').replace("^b", "^c")
    (problem,) = refused(database, both)
    assert problem.startswith("contexts.email: With it your filters have 2 regular expressions")

    # but the same one is no second
    assert import_text(database, two.replace("^b", "^a"))


def test_as_many_mutes_as_there_may_be_hold_nobody_up(database: Database, alice: Person) -> None:
    # Given files with a thousand mutes, the second of which changes and lifts those of the first one
    def mutes(first: int, until: str = "") -> str:
        return "\n".join(
            f'[[mutes]]\nkind = "package"\nvalue = "package {number}"\n{until}'
            for number in range(first, first + MAX_MUTES))

    # When they're imported, which holds what everybody needs who changes preferences
    for text in (mutes(0), mutes(500, "until = 2099-01-01T00:00:00Z")):
        with statements_on(database) as statements:
            import_text(database, text)

        # Then that's for some statements, not for some for each mute
        assert len(statements) < 30
    kept = export(database).mutes or []
    assert {mute.value for mute in kept} == {f"package {number}" for number in range(500, 1500)}
    assert all(mute.until is not None for mute in kept)


def test_filters_that_could_not_be_saved_today_stay(database: Database, alice: Person) -> None:
    # Given filters from before: one asks for a rule that is gone, and one can't be read at all
    with database.transaction() as session:
        for position, (body, key) in enumerate((
            ({"rule": "rule_of_old"}, expression_digest(Rule("rule_of_old"))), ({"nothing": 1}, "of nothing"),
        )):
            session.execute(
                update(StoredExpression).where(StoredExpression.id == alice.expression_ids[position])
                .values(body=body, digest=key))
    there = export(database)
    assert [each.expression for each in there.contexts["email"].filters or ()] == [
        "rule_of_old", "", "package_filter(tar)"]

    # When what is exported is imported
    before = ids(database)
    import_(database, "alice", there)
    # Then nothing is lost
    assert ids(database) == before
    assert export(database) == there


def test_a_filter_whose_sleep_is_over_is_awake(database: Database, alice: Person) -> None:
    import_text(database, """
        [[contexts.email.filters]]
        name = "kernel"
        expression = "package_filter(kernel)"
        enabled = false
        snoozed_until = 2020-01-01T00:00:00Z""")
    [only] = export(database).contexts["email"].filters or []
    assert (only.enabled, only.snoozed_until) == (True, None)


@pytest.mark.dialects
def test_it_counts_for_the_next_message_and_is_told_the_bus(database: Database, alice: Person) -> None:
    before = revision(database)
    import_text(database, "[contexts.email]\nenabled = false\nfilters = []")
    assert revision(database) > before
    with database.reading() as session:
        changed = session.scalars(select(PreferenceChange.changed).where(PreferenceChange.revision > before))
        assert [change for row in changed for change in row] == [
            ["preference", "email", "enabled"], ["preference", "email", "filters"]]


def test_of_several_at_once_the_last_one_stays(database: Database, alice: Person) -> None:
    def send(number: int) -> None:
        import_text(database, f"""
            [contexts.email]
            addresses = ["{number}@example.org"]
            frequency = {{digest_count = {number + 2}}}
            filters = [{{name = "{number}", expression = "package_filter(p{number})"}}]""")

    at_once(4, send)
    there = export(database).contexts["email"]
    assert there.frequency is not None
    number = (there.frequency.digest_count or 0) - 2
    assert there.addresses == [f"{number}@example.org"]
    assert [each.name for each in there.filters or ()] == [str(number)]
