"""What programs do with the API; every answer is held against the document."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from fmn.catalog import Message
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.ledger.messages import store
from fmn.ledger.models import Delivery, DeliveryKind, StoredMessage
from fmn.people.change_log import current_revision, lock_changes
from fmn.people.models import DetailValue, Preference
from tests.factories.deliveries import mark_confirmations_sent
from tests.factories.messages import NOON
from tests.integration.webapp.api.client import MINE, PREFIX, Program
from tests.integration.webapp.world import World
from webapp.api import messages


def revision(database: Database) -> int:
    with database.reading() as session:
        return current_revision(session)


def test_an_account_says_who_one_is_and_keeps_a_time_zone_and_a_language(program: Program) -> None:
    assert program.get("/me")["nick"] == "alice"
    assert program.send("PATCH", "/me", {"time_zone": "Europe/Prague"})["time_zone"] == "Europe/Prague"
    assert program.problem("PATCH", "/me", {"time_zone": "Mars"}, status=422) == (
        "There is no such time zone. Choose one of the list.")
    # One field may be sent without the other, and a language may be given up
    assert program.send("PATCH", "/me", {"language": "de"})["time_zone"] == "Europe/Prague"
    assert program.get("/me")["language"] == "de"
    assert program.send("PATCH", "/me", {"language": None})["language"] is None
    assert program.problem("PATCH", "/me", {"language": "tlh"}, status=422) == (
        "FMN doesn’t speak this language. Choose one of the list.")


def test_an_account_is_paused_and_goes_on(program: Program) -> None:
    until = (utc_now() + timedelta(days=7)).replace(microsecond=0)
    assert program.get("/me")["paused_until"] is None
    answer = program.send("PATCH", "/me", {"paused_until": until.isoformat()})
    assert datetime.fromisoformat(answer["paused_until"]) == until
    assert program.send("PATCH", "/me", {"time_zone": "Asia/Tokyo"})["paused_until"] is not None
    assert program.problem("PATCH", "/me", {"paused_until": "2020-01-01T00:00:00Z"}, status=422) == (
        "Choose a time in the future.")
    assert program.send("PATCH", "/me", {"paused_until": None})["paused_until"] is None


def test_a_context_is_changed_in_parts(program: Program, database: Database) -> None:
    # Given what is set
    (context,) = program.get("/contexts")["contexts"]
    assert program.get("/contexts/email") == context
    assert (context["enabled"], context["reachable"], context["words"]) == (True, True, "immediately")

    # When some of it changes, the rest stays, within the groups as well
    before = revision(database)
    program.send("PATCH", "/contexts/email", {"frequency": {"digest_count": 5}})
    changed = program.send("PATCH", "/contexts/email", {
        "enabled": False,
        "frequency": {"clock_times": ["17:30", "08:00"], "clock_days": ["friday", "monday"]},
        "quiet_hours": {"quiet_from": "22:00", "quiet_until": "07:00"},
        "presentation": {"markup": False, "mime_digest": True}})
    assert changed == program.get("/contexts/email")
    assert changed["enabled"] is False
    assert changed["frequency"] == {
        "digest_count": 5, "digest_seconds": None, "clock_times": ["08:00", "17:30"],
        "clock_days": ["monday", "friday"]}
    assert changed["quiet_hours"] == {
        "quiet_from": "22:00", "quiet_until": "07:00", "quiet_lets_severe": True}
    assert changed["presentation"] == {
        **context["presentation"], "markup": False, "mime_digest": True}
    assert revision(database) > before

    # What makes no sense changes nothing, and says where it is
    answer = program.ask("PATCH", "/contexts/email", {
        "enabled": True, "quiet_hours": {"quiet_until": None}}, status=422)
    assert answer.json["errors"][0]["place"] == "/quiet_hours/quiet_until"
    assert program.get("/contexts/email")["enabled"] is False


def test_who_saw_an_older_version_changes_nothing(program: Program, world: World) -> None:
    for path, change in (
        ("/contexts/email", {"enabled": False}), (f"/filters/{world.filter_id}", {"name": "Other"}),
    ):
        # Given a version that somebody saw, and a change since
        seen = program.ask("GET", path, status=200)
        version = seen.json["version"]
        assert seen.headers["ETag"] == f'"{version}"'
        program.ask("PATCH", path, change, status=200, If_Match=seen.headers["ETag"])

        # When they change it, too, they hear of that, whichever way they said what they saw
        again = {"name": "Third"} if "name" in change else {"enabled": True}
        for body, headers, status in (
            ({**again, "version": version}, {}, 409), (again, {"If_Match": f'"{version}"'}, 412),
            (again, {"If_Match": 'W/"1"'}, 412), ({**again, "version": version}, {"If_Match": '"99"'}, 412),
        ):
            program.problem("PATCH", path, body, status=status, **headers)
        program.problem("PATCH", path, {"enabled": False, "version": version}, status=409)
        assert program.get(path).items() >= change.items()

        # and with the last version, or any, it's done
        program.ask("PATCH", path, again, status=200, If_Match=f'"{program.get(path)["version"]}"')
        program.ask("PATCH", path, change, status=200, If_Match="*")


def test_addresses_are_added_confirmed_tried_and_removed(program: Program, database: Database) -> None:
    added = program.ask("POST", "/contexts/email/addresses", {"address": "New@Example.org"}, status=201)
    where = urlsplit(added.headers["Location"]).path.removeprefix(PREFIX)
    assert program.get(where) == added.json
    assert (added.json["address"], added.json["standing"]) == ("New@example.org", "waiting")
    assert [each["standing"] for each in program.get("/contexts/email/addresses")["addresses"]] == [
        "confirmed", "waiting"]

    # It can be asked once more when that is sent, but not too often, and tried once it's confirmed
    assert "isn’t confirmed yet" in program.problem("POST", f"{where}/test", status=422)
    for _ in range(4):
        mark_confirmations_sent(database)
        for _ in range(2):
            program.send("POST", f"{where}/confirmation", status=202)
    mark_confirmations_sent(database)
    limited = program.ask("POST", f"{where}/confirmation", status=429)
    assert 86_000 < int(limited.headers["Retry-After"]) <= 86_400
    with database.transaction() as session:
        session.execute(update(DetailValue).values(confirmed_at=datetime.now(UTC)))
    program.send("POST", f"{where}/test", status=202)
    assert "is confirmed already" in program.problem("POST", f"{where}/confirmation", status=422)
    with database.reading() as session:
        kinds = session.scalars(
            select(Delivery.kind).where(Delivery.destination == "New@example.org")).all()
    assert sorted(kinds) == [DeliveryKind.CONFIRMATION] * 5 + [DeliveryKind.TEST]

    program.send("DELETE", where, status=204)
    program.problem("GET", where, status=404)
    answer = program.ask("POST", "/contexts/email/addresses", {"address": "nonsense"}, status=422)
    assert answer.json["errors"][0]["place"] == "/address"


def test_what_is_muted_is_not_heard_of(program: Program, world: World) -> None:
    muted = program.send("POST", "/mutes", {"kind": "package", "value": "rpms/moss"})
    assert program.get("/mutes")["mutes"] == [muted]
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    again = program.send("POST", "/mutes", {"kind": "package", "value": "rpms/moss", "until": until})
    assert again["id"] == muted["id"]
    program.send("DELETE", f"/mutes/{muted['id']}", status=204)
    program.problem("DELETE", f"/mutes/{muted['id']}", status=404)
    for body in ({"kind": "everything", "value": "x"}, {"kind": "event", "value": ""},
                 {"kind": "event", "value": "a\nb"}, {"kind": "event", "value": "x" * 501},
                 {"kind": "event", "value": "x", "until": "2020-01-01T00:00:00Z"}):
        program.problem("POST", "/mutes", body, status=422)
    assert program.get("/mutes") == {"mutes": []}


def test_a_message_says_whom_and_what_it_concerns(program: Program, world: World) -> None:
    sent = Message("2026-groups", "org.fedoraproject.prod.koschei.package.state.change", NOON, {
        "name": "moss", "new": "failing", "groups": ["forest"]})
    with world.services.database.transaction() as session:
        store(session, [sent], NOON)
    shown = program.get(f"/messages/{sent.msg_id}")

    assert (shown["packages"], shown["groups"], shown["usernames"]) == (["rpms/moss"], ["forest"], [])


def test_a_message_says_why_one_hears_of_it(program: Program, mallorys: Program, world: World) -> None:
    with world.services.database.reading() as session:
        msg_id = message_id(session, world.receive_comment("Half a \ud83d character"))
    shown = program.get(f"/messages/{msg_id}")
    assert shown["body"]["comment"]["text"] == "Half a \ud83d character"
    (context,) = shown["verdicts"]
    assert (context["context"], context["hears"], context["muted"]) == ("email", True, None)
    (verdict,) = context["filters"]
    assert verdict["lets_through"]
    assert [part["holds"] for part in verdict["verdict"]["parts"]] == [True, True, True]
    assert mallorys.get(f"/messages/{msg_id}")["verdicts"][0]["hears"] is False

    program.send("POST", "/mutes", {"kind": "event", "value": "bodhi_update_comment"})
    (context,) = program.get(f"/messages/{msg_id}")["verdicts"]
    assert (context["hears"], context["muted"]) == (
        False, {"kind": "event", "value": "bodhi_update_comment", "until": None})


def message_id(session: Session, row: int) -> str:
    return session.get_one(StoredMessage, row).msg_id


def test_all_preferences_go_out_and_come_in_as_a_file(program: Program, database: Database) -> None:
    # Given a file in either way of writing it, importing it changes nothing
    file = program.get("/preferences")
    assert program.send("PUT", "/preferences", file) == {"changes": [], "notes": []}
    toml = program.ask("GET", "/preferences?format=toml", status=200)
    assert MINE in toml.text
    answer = program.ask("PUT", "/preferences", toml.body, status=200, Content_Type="application/toml")
    assert answer.json["changes"] == []

    # When one with changes is tried, nothing happens; when it's imported, it does
    file["contexts"]["email"]["enabled"] = False
    change = {"kind": "changed", "context": "email", "sentence": "The channel is switched off."}
    assert program.send("PUT", "/preferences?dry_run=true", file)["changes"] == [change]
    assert enabled(database)
    assert program.send("PUT", "/preferences", file)["changes"] == [change]
    assert not enabled(database)

    # What's wrong is told place by place, and changes nothing
    answer = program.ask("PUT", "/preferences", {
        "version": 1, "time_zone": "Mars", "contexts": {"email": {"enabled": True, "addresses": ["x"]}},
    }, status=422)
    assert [error["place"] for error in answer.json["errors"]] == ["time_zone", "contexts.email, address 1"]
    assert program.problem("PUT", "/preferences", b"{", status=400).startswith("The file isn’t JSON")
    assert not enabled(database)


def test_a_file_is_read_before_anybody_has_to_wait(program: Program, database: Database) -> None:
    program.get("/preferences")
    with database.transaction() as session:
        lock_changes(session)
        assert program.problem("PUT", "/preferences", b"{", status=400).startswith("The file isn’t JSON")


def enabled(database: Database) -> bool:
    with database.reading() as session:
        return session.scalars(select(Preference.enabled)).one()


def test_why_says_of_filters_that_take_too_long_that_they_do(
    program: Program, world: World, monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given a filter that is off, so that it doesn't count in any budget, and no time
    program.send("POST", "/contexts/email/filters", {
        "name": "slow", "expression": "regex_filter(moss)", "enabled": False}, status=201)
    msg_id = world.receive_recent_comment()
    monkeypatch.setattr(messages, "EXPLANATION_CPU_SECONDS", -1.0)

    # Then the answer comes, and says so
    (context,) = program.get(f"/messages/{msg_id}")["verdicts"]
    mine, slow = context["filters"]
    assert mine["lets_through"] is True
    assert slow["verdict"]["problem"] == "asking this of the message takes too long"
