"""Pages of packages, people, groups and applications, and watching them."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from sqlalchemy import select
from webtest import TestApp, TestResponse

from fmn.filters.models import Filter
from fmn.people.models import Preference, User
from fmn.wiring import Services
from tests.factories.messages import NOON
from tests.factories.statements import statements_on
from tests.integration.webapp.pages import outline
from tests.integration.webapp.signing_in import signed_in
from tests.integration.webapp.world import World

MOSS = "/packages/rpms/moss"


@pytest.fixture
def world(services: Services) -> World:
    """Tom has just commented on an update of moss; Alice gets mails about her packages."""
    world = World.of(services)
    world.receive_recent_comment()
    return world


@pytest.fixture
def alice(services: Services, world: World) -> TestApp:
    """Her browser."""
    assert world.filter_id
    return signed_in(services, "alice")


@pytest.fixture
def bob(services: Services, world: World) -> TestApp:
    """The browser of Bob, who maintains moss."""
    assert world.filter_id
    return signed_in(services, "bob")


@pytest.fixture
def newcomer(services: Services, world: World) -> TestApp:
    """The browser of Zoe, who has just signed in for the first time."""
    assert world.filter_id
    return signed_in(services, "zoe")


def filters(services: Services, nick: str = "alice") -> Mapping[str, bool]:
    with services.database.reading() as session:
        return {name: enabled for name, enabled in session.execute(  # noqa: C416 - typed
            select(Filter.name, Filter.enabled).join(Preference, Preference.id == Filter.preference_id)
            .join(User).where(User.nick == nick).order_by(Filter.position))}


def press(page: TestResponse, button: str, **fields: str) -> TestResponse:
    """Send the form with this button on it, and follow."""
    form = next(
        each for each in page.forms.values() if isinstance(each.action, str) and button in each.text)
    for name, value in fields.items():
        form[name] = value
    answer = form.submit()
    return answer.follow() if answer.status_int == 303 else answer


@pytest.mark.parametrize(("path", "heading"), [
    (MOSS, "rpms/moss"), ("/packages/moss", "moss"), ("/people/tom", "tom"), ("/applications/bodhi", "Bodhi"),
])
def test_a_page_tells_what_happened_lately(alice: TestApp, path: str, heading: str) -> None:
    page = alice.get(path)
    outline(page)
    page.mustcontain(
        heading, "1 event in the last 14 days", "tom commented on the update moss-2.4-1.fc44", 'class="bars"',
        no="Nothing is known")


def test_an_applications_page_and_its_catalogue_lead_to_each_other(alice: TestApp) -> None:
    catalogue = alice.get("/applications/bodhi").click("Event types and rules of Bodhi")
    assert catalogue.request.path == "/catalogue/bodhi"
    assert catalogue.click("What happened lately").request.path == "/applications/bodhi"


def test_what_is_not_known_can_be_watched_all_the_same(alice: TestApp, services: Services) -> None:
    page = alice.get("/groups/unheard-of")
    outline(page)
    page.mustcontain("Nothing is known of unheard-of so far", "Nothing in the last 14 days")
    press(page, "Watch").mustcontain("Watching group unheard-of by e-mail: Everything.")
    assert "Watch group unheard-of" in filters(services)


def test_what_happens_to_a_groups_packages_can_be_watched_if_it_maintains_some(
    alice: TestApp, services: Services,
) -> None:
    offer = "Its packages"
    file = services.settings.directory.file
    assert file is not None
    known = json.loads(file.read_text(encoding="utf-8"))
    known["owners"]["@ferns"] = {"rpms": ["fern"]}
    known["groups"] = {"ferns": ["alice"], "infra": ["alice"]}
    file.write_text(json.dumps(known), encoding="utf-8")

    alice.get("/groups/infra").mustcontain(no=offer)
    page = press(alice.get("/watch?group=ferns&level=packages").follow(), "Watch")

    page.mustcontain(f"Watching group ferns by e-mail: {offer}.")
    # Whoever watches them still sees so when none are left
    file.write_text(json.dumps({**known, "owners": {}}), encoding="utf-8")
    alice.get("/groups/ferns").mustcontain(offer)


def test_a_name_that_nobody_knows_leads_to_similar_ones_and_can_still_be_watched(
    bob: TestApp, services: Services,
) -> None:
    page = bob.get("/watch?package=mos").follow()
    outline(page)
    page.mustcontain("Nothing is known of mos so far. Did you mean one of these?", "If mos may come later")
    assert page.click("rpms/moss").request.path == MOSS
    press(page, "Watch").mustcontain("Watching mos by e-mail")
    assert "Watch mos" in filters(services, "bob")


@pytest.mark.parametrize("path", [
    "/packages/a/b/c", "/packages/a%20b", "/people/a%2Cb", "/people/@me", "/groups/%3Cscript%3E",
    "/packages/",
])
def test_other_names_have_no_page(alice: TestApp, path: str) -> None:
    alice.get(path, status=404)


def test_watching_takes_one_click_and_can_be_undone(alice: TestApp, services: Services) -> None:
    page = press(alice.get(MOSS), "Watch")
    page.mustcontain("Watching rpms/moss by e-mail: Everything.", "To alice@example.org", "Unwatch")
    assert filters(services) == {"My packages": True, "Watch rpms/moss": True}

    press(page, "Undo").mustcontain("Removed “Watch rpms/moss” again.")
    assert filters(services) == {"My packages": True}


def test_how_much_one_hears_can_be_changed_and_ended(alice: TestApp, services: Services) -> None:
    page = press(alice.get(MOSS), "Watch", level="failures")
    page.mustcontain("Failures and warnings.")
    page = press(page, "Change", level="releases")
    page.mustcontain("Watching rpms/moss by e-mail: Releases.")
    assert list(filters(services)) == ["My packages", "Watch rpms/moss"]

    page = press(page, "Unwatch")
    page.mustcontain("No longer watching rpms/moss.", no="Unwatch")
    press(page, "Undo").mustcontain("Restored “Watch rpms/moss”.")
    assert alice.get(MOSS).forms[1]["level"].value == "releases"


def test_pressing_it_again_says_so(alice: TestApp) -> None:
    page = alice.get(MOSS)
    press(page, "Watch")
    press(page, "Watch").mustcontain("You watch rpms/moss by e-mail already.")


def test_a_channel_that_is_off_is_said_and_switched_on_there(alice: TestApp, services: Services) -> None:
    with services.database.transaction() as session:
        preference = session.scalars(select(Preference).join(User).where(User.nick == "alice")).one()
        preference.enabled, preference.user.set_up_at = False, NOON
    page = press(alice.get(MOSS), "Watch")
    page.mustcontain("E-mail is switched off.")
    page = press(page, "Switch e-mail on")
    assert page.request.path == MOSS
    page.mustcontain("To alice@example.org")


def test_whoever_comes_for_the_first_time_is_sent_what_they_watch(
    newcomer: TestApp, services: Services,
) -> None:
    with services.database.transaction() as session:
        session.scalars(select(User).where(User.nick == "zoe")).one().email = "zoe@example.org"
    page = press(newcomer.get(MOSS), "Watch")
    page.mustcontain("Open the link that we sent to zoe@example.org", "No address is confirmed yet.")
    with services.database.reading() as session:
        assert session.scalars(select(Preference).join(User).where(User.nick == "zoe")).one().enabled


def test_without_an_address_the_page_asks_for_one(newcomer: TestApp) -> None:
    page = press(newcomer.get(MOSS), "Watch")
    page.mustcontain("Watching rpms/moss", "There is no address yet.", "Addresses")


@pytest.mark.parametrize(("query", "path"), [
    ("package=rpms/moss", MOSS), ("package=moss&level=failures", "/packages/moss?level=failures"),
    ("person=tom", "/people/tom"), ("group=infra", "/groups/infra"), ("app=Koji", "/applications/buildsys"),
    ("q=rpms/moss", MOSS), ("q=tom&level=nothing", "/people/tom"),
])
def test_links_on_other_sites_lead_to_the_page_and_watch_nothing(
    alice: TestApp, services: Services, query: str, path: str,
) -> None:
    answer = alice.get(f"/watch?{query}", status=303)
    assert answer.location.removeprefix("http://localhost") == path
    outline(answer.follow())
    assert list(filters(services)) == ["My packages"]


def test_a_link_says_how_much(alice: TestApp) -> None:
    page = alice.get("/watch?package=rpms/moss&level=failures").follow()
    press(page, "Watch").mustcontain("Failures and warnings.")


@pytest.mark.parametrize(("query", "sentence"), [
    ("", ""), ("q=nothing-of-the-kind", "We don’t know “nothing-of-the-kind”."),
    ("q=rpms/moss,tom", "Name one package, person, group or application."),
    ("package=a%20b", "can’t be a name"), ("q=%3Cb%3E", "can’t be the name"),
])
def test_otherwise_it_is_asked_for(alice: TestApp, query: str, sentence: str) -> None:
    page = alice.get(f"/watch?{query}", status=422 if sentence else 200)
    outline(page)
    page.mustcontain("What do you want to watch?", sentence)


def test_whoever_signs_in_comes_back_to_it(web: TestApp) -> None:
    answer = web.get("/watch?package=rpms/moss", status=303)
    assert answer.location.endswith("/sign-in?to=%2Fwatch%3Fpackage%3Drpms%2Fmoss")


def test_names_of_all_kinds_are_completed(alice: TestApp) -> None:
    assert alice.get("/completions/subjects?q=tom").json == {"names": ["person:tom"]}


def test_a_page_takes_the_same_statements_however_much_happened(
    alice: TestApp, services: Services, world: World,
) -> None:
    counts = []
    for _ in range(2):
        alice.get(MOSS)
        with statements_on(services.database) as statements:
            alice.get(MOSS)
        counts.append(sum(each.startswith(("SELECT", "WITH")) for each in statements))
        for _ in range(25):
            world.receive_recent_comment()
    assert counts[0] == counts[1]
