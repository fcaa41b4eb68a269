"""The page "Why didn't I get this?"."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from webtest import TestApp, TestResponse

from fmn.filters.models import Filter, MuteKind
from fmn.filters.mutes import mute
from fmn.infra.cache import MemoryCache
from fmn.infra.clock import utc_now
from fmn.ledger.messages import store
from fmn.ledger.models import Delivery, DeliveryState, Notification, StoredMessage
from fmn.ledger.quarantine import MAX_TRIES
from fmn.people.models import Preference
from fmn.settings import DirectorySettings
from fmn.wiring import Services
from tests.factories.messages import NOON, make_message
from tests.integration.webapp.pages import outline
from tests.integration.webapp.signing_in import signed_in
from tests.integration.webapp.world import World


def msg_id_of(services: Services, message_id: int) -> str:
    with services.database.reading() as session:
        return session.get_one(StoredMessage, message_id).msg_id


def ask(browser: TestApp, wanted: str) -> TestResponse:
    page = browser.get("/why-not", {"q": wanted})
    outline(page)
    return page


def test_is_reachable_from_the_inbox_its_empty_states_and_help(alice: TestApp) -> None:
    for where in ("/inbox", "/inbox?q=nothing", "/help"):
        page = alice.get(where).click("Why didn’t I get this?", index=0)
        outline(page)
        assert page.request.path == "/why-not"
    # What was looked for in vain is asked at once
    page = alice.get("/inbox?q=2026-gone").click("Why didn’t I get this?", index=0)
    assert page.request.GET["q"] == "2026-gone"


def test_says_that_it_was_sent_and_what_came_of_that(
    alice: TestApp, world: World, services: Services,
) -> None:
    message = world.receive_comment()
    with services.database.transaction() as session:
        session.execute(update(Delivery).values(
            state=DeliveryState.FAILED, reason="550 user unknown", finished_at=NOON))

    page = ask(alice, msg_id_of(services, message))

    page.mustcontain("Notified", "tom commented on the update", "550 user unknown", "My packages",
                     no=["Not notified", "Not by e-mail"])


def test_names_the_first_rule_that_said_no(alice: TestApp, world: World, services: Services) -> None:
    # Given a comment that Alice herself made, and one on a package that isn't hers
    own = world.receive_comment(author="alice")
    other = world.receive_comment(package="fern")

    page = ask(alice, msg_id_of(services, own))
    page.mustcontain("Not notified", "Not by e-mail", "My packages", "This rule says no:",
                     "not: Mentioning me", no=["About my packages", "Build tagged"])
    page = ask(alice, msg_id_of(services, other))
    page.mustcontain("About my packages", no=["Mentioning me"])


def test_says_what_else_keeps_it_back(alice: TestApp, world: World, services: Services) -> None:
    # Given a mute, and then a filter and a channel that are off besides
    with services.database.transaction() as session:
        owner = session.get_one(Preference, world.preference_id).user_id
        mute(session, owner, MuteKind.PACKAGE, "moss", None, utc_now())
    wanted = msg_id_of(services, world.receive_comment())
    ask(alice, wanted).mustcontain(
        "You have muted the package moss for ever.", "Unmute it", "All its rules fit.",
        no=["is switched off"])

    with services.database.transaction() as session:
        session.get_one(Filter, world.filter_id).enabled = False
        session.get_one(Preference, world.preference_id).enabled = False
    ask(alice, wanted).mustcontain(
        "E-mail is switched off.", "Switch it on", "All its rules fit, but it’s switched off.")
    with services.database.transaction() as session:
        session.get_one(Filter, world.filter_id).snoozed_until = utc_now() + timedelta(days=3)
    ask(alice, wanted).mustcontain("All its rules fit, but it’s snoozed until ")


def test_says_that_a_one_shot_filter_is_spent(alice: TestApp, world: World, services: Services) -> None:
    with services.database.transaction() as session:
        session.get_one(Filter, world.filter_id).oneshot = True
    world.receive_comment()

    page = ask(alice, msg_id_of(services, world.receive_comment()))

    page.mustcontain("Not notified", "All its rules fit, but it has sent its one message ")


def test_says_that_it_would_be_sent_now(alice: TestApp, world: World, services: Services) -> None:
    # Given a message that came while the filter was off
    with services.database.transaction() as session:
        session.get_one(Filter, world.filter_id).enabled = False
    message = world.receive_comment()
    with services.database.transaction() as session:
        session.get_one(Filter, world.filter_id).enabled = True

    ask(alice, msg_id_of(services, message)).mustcontain("As things are now you would get it.")


@pytest.mark.parametrize(("tries", "sentence"), [
    (0, "FMN hasn’t worked on this message yet"),
    (MAX_TRIES, "FMN couldn’t work on this message, so nobody was notified."),
])
def test_says_that_nobody_was_notified(
    alice: TestApp, services: Services, tries: int, sentence: str,
) -> None:
    with services.database.transaction() as session:
        [message] = store(session, [make_message()], NOON)
        session.get_one(StoredMessage, message).tries = tries

    ask(alice, make_message().msg_id).mustcontain(sentence, no=["nothing will be"])


@pytest.mark.parametrize("wanted", [
    "2026-gone", "https://archive.example.org/id?id=2026-gone", "http://[", "x" * 5_000, "https://example.org/",
    "/why/forged", "http://localhost/why/forged", "http://localhost/why/%00", "https://example.org/%00",
    "https://example.org/id?id=%00", "https://example.org/id?id=%ED%A0%80",
    f"https://example.org/?{'&a=1' * 400}",
])
def test_says_what_to_do_about_a_message_that_is_not_there(alice: TestApp, wanted: str) -> None:
    ask(alice, wanted).mustcontain("FMN has no such message", "Messages are kept for 14 days.")


def test_takes_links_of_archives_and_its_own(
    alice: TestApp, mallory: TestApp, world: World, services: Services,
) -> None:
    why = f"http://localhost{world.why}"
    with services.database.reading() as session:
        wanted = session.query(StoredMessage.msg_id).scalar()
    for link in (f"https://apps.example.org/datagrepper/id?id={wanted}", why, f" {wanted} "):
        ask(alice, link).mustcontain("Notified", wanted)
        # Whoever has somebody else's link learns of the message, and of nobody's filters but their own
        page = ask(mallory, link)
        page.mustcontain("Not notified", wanted, no=["alice", "My packages"])


def test_goes_without_verdicts_while_the_directory_is_away(
    world: World, services: Services, tmp_path: Path,
) -> None:
    message = world.receive_comment(package="fern")
    settings = services.settings.model_copy(
        update={"directory": DirectorySettings(ownership="file", file=tmp_path / "missing.json")})
    elsewhere = Services(settings)
    elsewhere.cache = MemoryCache()

    page = ask(signed_in(elsewhere, "alice"), msg_id_of(services, message))

    page.mustcontain("FMN can&#39;t look up package owners right now")
    elsewhere.database.close()


def test_messages_with_the_same_id_are_all_answered(
    alice: TestApp, world: World, services: Services,
) -> None:
    message = world.receive_comment()
    with services.database.transaction() as session:
        row = session.get_one(StoredMessage, message)
        wanted = row.msg_id
        session.add(StoredMessage(
            msg_id=wanted, topic=row.topic, category=row.category, sent_at=NOON, received_at=NOON,
            signer="squatter01", usernames=[], packages=[], body=row.body, matched_at=NOON))
        assert session.query(Notification).count() == 1

    page = ask(alice, wanted)

    assert page.text.count("<article") == 2
    page.mustcontain("Notified", "Not notified")
