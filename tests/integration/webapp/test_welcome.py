"""The first visit, as somebody goes through it who has just signed in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from webtest import TestApp, TestResponse
from webtest.forms import Checkbox

from fmn.catalog import Message
from fmn.filters.models import Filter
from fmn.infra.cache import MemoryCache
from fmn.infra.clock import utc_now
from fmn.ledger.messages import store
from fmn.ledger.models import Delivery, DeliveryKind
from fmn.matching import preset_counts
from fmn.people.models import DetailValue, Preference, User
from fmn.settings import DeliverySettings, DirectorySettings
from fmn.wiring import Services
from tests.factories.matching import match
from tests.factories.statements import statements_on
from tests.integration.webapp.pages import outline
from tests.integration.webapp.signing_in import signed_in
from tests.integration.webapp.world import World, comment

ADDRESS = "bob@example.org"


@pytest.fixture(autouse=True)
def _there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else the machine does meanwhile."""
    monkeypatch.setattr(preset_counts, "SECONDS", 600)


@pytest.fixture
def bob(services: Services) -> TestApp:
    """The browser of Bob, who maintains moss and has just signed in for the first time."""
    return signed_in(services, "bob")


def receive_comment(services: Services, text: str) -> None:
    """Tom comments just now on an update of moss."""
    message = Message(
        f"2026-{text}", "org.fedoraproject.prod.bodhi.update.comment", utc_now(),
        comment(text, "tom", "moss"))
    with services.database.transaction() as session:
        ids = store(session, [message], message.sent_at)
    match(services.batch_matcher, ids)


def chooses(page: TestResponse, *presets: str, address: str = ADDRESS, **how: Any) -> TestResponse:
    """Somebody ticks boxes, says an address, and starts."""
    form = page.forms[0]
    for key, tick in ticks(page).items():
        tick.checked = key in presets
    form["address-email"] = address
    return form.submit(**how)


def ticks(page: TestResponse) -> dict[str, Checkbox]:
    """The boxes to tick, by the preset's key."""
    return {tick.id.removeprefix("preset-"): tick for tick in page.forms[0].fields["presets"]}


def saved(services: Services, nick: str) -> tuple[list[str], list[str], bool]:
    """Somebody's filters and addresses, and whether their e-mail is on."""
    with services.database.reading() as session:
        preference = session.scalars(
            select(Preference).join(User).where(User.nick == nick, Preference.context == "email")).one()
        filters = session.scalars(
            select(Filter.name).where(Filter.preference_id == preference.id).order_by(Filter.position))
        return list(filters), [each.value for each in preference.detail_values], preference.enabled


def letters(services: Services) -> int:
    with services.database.reading() as session:
        return session.scalar(
            select(func.count()).select_from(Delivery).where(Delivery.kind == DeliveryKind.CONFIRMATION)) or 0


def test_presets_say_what_they_mean_and_how_much_they_would_bring(
    bob: TestApp, services: Services,
) -> None:
    for number in range(4):
        receive_comment(services, f"Grow {number}.")

    page = bob.get("/welcome")

    outline(page)
    offered, _, more = page.text.partition("More ready-made filters")
    assert "Updates of my packages, and comments on them" in offered
    assert "Updates with packages you maintain" in offered
    assert "about 4 a day" in offered
    # What would have brought nothing lately is a click away, by what somebody is
    assert "New posts on Planet" in more
    for role in ("Packager", "Tester", "Translator", "Operator", "Reader"):
        assert f"<legend>{role}</legend>" in more
    assert not any(tick.checked for tick in ticks(page).values())


def test_naming_a_package_is_enough(bob: TestApp, services: Services) -> None:
    form = bob.get("/welcome").forms[0]
    form["subject"] = "rpms/moss, person:tom"
    form["address-email"] = ADDRESS
    form.submit(status=303)

    assert saved(services, "bob") == (["Watch rpms/moss", "Watch tom"], [ADDRESS], True)
    assert letters(services) == 1


def test_names_that_are_not_known_are_said_beside_their_field(bob: TestApp, services: Services) -> None:
    form = bob.get("/welcome").forms[0]
    form["subject"] = "rpms/moss, mose"
    form["address-email"] = ADDRESS
    page = form.submit(status=422)

    outline(page)
    field = next(each for each in outline(page).all("input") if each.get("name") == "subject")
    assert (field["value"], field["aria-describedby"]) == ("rpms/moss, mose", "subject-hint subject-problem")
    assert "autofocus" in field
    page.mustcontain("We don’t know “mose”.")
    assert saved(services, "bob") == ([], [], False)


def test_a_link_may_name_what_to_follow(bob: TestApp) -> None:
    assert bob.get("/welcome?subject=rpms/moss").forms[0]["subject"].value == "rpms/moss"


def test_filters_that_are_there_are_shown_and_can_be_replaced(bob: TestApp, services: Services) -> None:
    chooses(bob.get("/welcome"), "updates", status=303)
    page = bob.get("/welcome")
    page.mustcontain("You have 1 filter:", "Updates of my packages, and comments on them")
    form = page.forms[0]
    form["subject"], form["replace"] = "rpms/moss", True
    home = form.submit(status=303).follow()

    assert saved(services, "bob")[0] == ["Watch rpms/moss"]
    next(each for each in home.forms.values() if "/undo/" in each.action).submit(status=303)
    assert saved(services, "bob")[0] == ["Updates of my packages, and comments on them"]


def test_starting_brings_what_was_chosen_and_a_letter_to_confirm_the_address(
    bob: TestApp, services: Services,
) -> None:
    # When Bob chooses two of the filters
    home = chooses(bob.get("/welcome"), "updates", "changes", status=303).follow()

    # Then he has these two, and only his address is left to do
    outline(home)
    assert home.request.path == "/"
    home.mustcontain(
        f"confirm {ADDRESS}", f"the link we sent to {ADDRESS}", "2 filters", no="Get started")
    assert saved(services, "bob") == (
        ["Other people's changes to my packages", "Updates of my packages, and comments on them"],
        [ADDRESS], True)
    assert letters(services) == 1


def test_what_is_missing_is_said_and_nothing_typed_is_lost(bob: TestApp, services: Services) -> None:
    page = chooses(bob.get("/welcome"), status=422)
    outline(page)
    page.mustcontain("Name something to follow or choose a filter", ADDRESS)

    page = chooses(page, "updates", address="bob at home", status=422)
    outline(page)
    page.mustcontain("isn’t an e-mail address", "bob at home")
    assert [key for key, tick in ticks(page).items() if tick.checked] == ["updates"]

    assert saved(services, "bob") == ([], [], False)
    assert letters(services) == 0


def test_coming_again_shows_what_is_there_and_changes_nothing(bob: TestApp, services: Services) -> None:
    page = bob.get("/welcome")
    for _ in range(2):  # pressed twice
        chooses(page, "updates", status=303)

    again = bob.get("/welcome")
    outline(again)
    again.mustcontain("You have 1 filter:", ADDRESS)
    assert "updates" not in ticks(again)
    chooses(again, "name", status=303)

    filters, addresses, _ = saved(services, "bob")
    assert filters == ["Updates of my packages, and comments on them", "My name comes up"]
    assert addresses == [ADDRESS]
    assert letters(services) == 1


def test_skipping_it_switches_nothing_on(bob: TestApp, services: Services) -> None:
    home = bob.get("/welcome").forms[0].submit("skip", status=303).follow()

    home.mustcontain("Set up e-mail", no=["Get started", "Other channels"])
    assert saved(services, "bob") == ([], [], False)


def test_what_cannot_be_looked_up_in_time_is_said_to_be_unknown(
    bob: TestApp, services: Services, monkeypatch: pytest.MonkeyPatch,
) -> None:
    receive_comment(services, "Grow.")
    monkeypatch.setattr(preset_counts, "SECONDS", -1)

    offered = bob.get("/welcome").text.partition("More ready-made filters")[0]
    assert "Updates of my packages" in offered
    assert "a day" not in offered


def test_an_address_of_somebody_else_is_refused(bob: TestApp, world: World, services: Services) -> None:
    page = chooses(bob.get("/welcome"), "updates", address="alice@example.org", status=422)

    page.mustcontain("belongs to another account")
    assert saved(services, "bob") == ([], [], False)


def test_the_address_of_the_sign_in_is_suggested(bob: TestApp, services: Services) -> None:
    with services.database.transaction() as session:
        session.scalars(select(User).where(User.nick == "bob")).one().email = "bob@example.com"

    assert bob.get("/welcome").forms[0]["address-email"].value == "bob@example.com"

    with services.database.transaction() as session:
        session.add(DetailValue(value=ADDRESS, preference=session.scalars(
            select(Preference).join(User).where(User.nick == "bob")).one()))

    assert bob.get("/welcome").forms[0]["address-email"].value == ADDRESS


def test_whoever_maintains_nothing_is_offered_something_else_first(
    mallory: TestApp, services: Services,
) -> None:
    # Given comments on an update of Bob's package
    receive_comment(services, "Grow.")

    # Then what's about packages that one maintains can match nothing of Mallory's
    offered, _, more = mallory.get("/welcome").text.partition("eady-made filters</summary>")
    assert "my packages" not in offered
    assert "Updates of my packages" in more


def test_while_nobody_knows_who_owns_what_there_are_presets_all_the_same(
    services: Services, tmp_path: Path,
) -> None:
    # Given another process that can't read the directory
    elsewhere = Services(services.settings.model_copy(
        update={"directory": DirectorySettings(ownership="file", file=tmp_path / "missing.json")}))
    elsewhere.cache = MemoryCache()

    page = signed_in(elsewhere, "bob").get("/welcome")

    page.mustcontain("Updates of my packages", no="a day")
    chooses(page, "updates", status=303)
    elsewhere.database.close()


def test_the_page_takes_the_same_statements_however_much_happened(
    bob: TestApp, services: Services,
) -> None:
    counts = []
    for _ in range(2):
        bob.get("/welcome")
        with statements_on(services.database) as statements:
            bob.get("/welcome")
        counts.append(sum(each.startswith(("SELECT", "WITH")) for each in statements))
        for number in range(25):
            receive_comment(services, f"Grow {number}.")
    assert counts[0] == counts[1] <= 16


def test_a_channel_that_there_is_not_cannot_be_chosen(bob: TestApp) -> None:
    form = bob.get("/welcome").forms[0]
    form["context"] = "pigeon"
    form["address-email"] = ADDRESS
    form.submit(status=404)


def test_a_channel_of_codes_sends_no_link(services: Services) -> None:
    made = Services(services.settings.model_copy(
        update={"delivery": DeliverySettings(channels=("email", "apprise", "webpush"))}))
    made.cache = MemoryCache()
    form = signed_in(made, "zoe").get("/welcome").forms[0]
    assert {radio[0] for radio in form["context"].options} == {"email", "apprise", "webpush"}
    form["subject"], form["context"] = "rpms/moss", "apprise"
    form["address-apprise"] = "ntfys://ntfy.sh/moss"
    page = form.submit(status=303).follow()

    assert page.request.path == "/"
    page.mustcontain("Saved. Now confirm", "type the code we sent", no="open the link")
    made.database.close()


def test_a_browser_that_says_no_subscription_is_refused(services: Services) -> None:
    made = Services(services.settings.model_copy(
        update={"delivery": DeliverySettings(channels=("email", "webpush"))}))
    made.cache = MemoryCache()
    form = signed_in(made, "zoe").get("/welcome").forms[0]
    form["subject"], form["context"] = "rpms/moss", "webpush"
    outline(form.submit(status=422)).all("input")
    form["address-webpush"].force_value("moss")
    form.submit(status=422).mustcontain("This isn’t a browser’s push subscription.")
    made.database.close()
