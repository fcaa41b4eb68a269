"""The pages of groups' filters: members see and opt out, editors edit, to others they aren't there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from webtest import TestApp, TestResponse

from fmn.administration import group_editing
from fmn.administration.models import AuditEntry
from fmn.filters import group_filters
from fmn.filters.expressions import Rule
from fmn.filters.models import Filter, GroupOptOut
from fmn.ledger.models import Notification
from fmn.people.models import User
from fmn.wiring import Services
from tests.factories.groups import give_group
from tests.factories.people import make_person
from tests.integration.webapp.pages import outline
from tests.integration.webapp.signing_in import signed_in
from tests.integration.webapp.world import World, path

PAGE = "/groups/infra/filters"
MOSS = Rule.of("package_filter", {"package": "moss"})


@pytest.fixture
def services(services: Services, tmp_path: Path) -> Services:
    """A directory in which Alice and Bob are in the group infra, too."""
    (tmp_path / "directory.json").write_text(json.dumps({"groups": {"infra": ["alice", "bob"]}}))
    return services


@pytest.fixture
def bob(services: Services) -> TestApp:
    make_person(services.database, "bob", packages=())
    return signed_in(services, "bob")


@pytest.fixture
def editor(services: Services, root: TestApp, alice: TestApp) -> TestApp:
    """Alice's browser, after an administrator named her."""
    form = root.get(PAGE).forms["name-editor"]
    form["nick"] = "alice"
    form.submit(status=303)
    return alice


def press(page: TestResponse, label: str) -> TestResponse:
    """Press the first button with this label."""
    for form in page.forms.values():
        if label in form.text:
            return form.submit(status=303).follow()
    raise AssertionError(label)


def filters_of(services: Services) -> list[tuple[str, str | None, bool]]:
    with services.database.reading() as session:
        return [(each.name, each.group_name, each.enabled) for each in session.scalars(
            select(Filter).where(Filter.group_name.is_not(None)).order_by(Filter.position))]


def create(browser: TestApp, name: str, text: str = "package_filter(package=moss)") -> TestResponse:
    """Fill in the editor and save; returns the page that asks to confirm."""
    form = browser.get(f"{PAGE}/new").forms["editor"]
    form["name"] = name
    form = form.submit("do", value="text").forms["editor"]
    form["text"] = text
    return form.submit("do", value="save")


class TestAMember:
    def test_sees_the_filters_and_that_they_come_from_the_group(
        self, services: Services, bob: TestApp,
    ) -> None:
        give_group(services.database, "infra", Grown=MOSS)

        page = bob.get(PAGE)
        outline(page)
        page.mustcontain("Filters of the group infra", "Grown", "Opt out", no=["Create filter", "Delete"])
        bob.get("/groups").mustcontain("infra", "1 filter")
        bob.get("/preferences/email/filters").mustcontain("From your groups", "Grown", "from the group infra")

    def test_opts_out_undoes_it_and_opts_out_again(self, services: Services, bob: TestApp) -> None:
        give_group(services.database, "infra", Grown=MOSS)

        page = press(bob.get(PAGE), "Opt out")
        page.mustcontain("You no longer get the filters of the group infra.", "Undo")
        bob.get("/preferences/email/filters").mustcontain(no="From your groups")
        page = press(bob.get(PAGE), "Opt in")
        page.mustcontain("starting with the next message", "Undo")
        page = press(page, "Undo")
        with services.database.reading() as session:
            assert len(session.scalars(select(GroupOptOut)).all()) == 1

    def test_unsubscribes_from_a_mail_for_themselves_alone(
        self, services: Services, world: World, alice: TestApp, web: TestApp,
    ) -> None:
        filter_id, = give_group(services.database, "infra", Grown=MOSS)
        with services.database.reading() as session:
            chosen = session.get_one(Filter, filter_id).public_id
        where = path(services.links.unsubscribe(world.preference, chosen))

        web.get(where).mustcontain("Stop “Grown”?", "from the group infra")
        web.post(where, {"List-Unsubscribe": "One-Click"})

        assert filters_of(services) == [("Grown", "infra", True)]
        alice.get(PAGE).mustcontain("Opted out")
        web.get(where).form.submit("action", value="resume").mustcontain("is on again")
        alice.get(PAGE).mustcontain("Opt out")

    def test_is_led_from_a_notification_to_the_group(self, services: Services, bob: TestApp) -> None:
        filter_id, = give_group(services.database, "infra", Grown=MOSS)

        assert bob.get(f"/filters/{filter_id}", status=303).location.endswith(PAGE)

    def test_reads_why_with_the_group(self, services: Services, world: World, alice: TestApp) -> None:
        with services.database.transaction() as session:
            session.delete(session.get_one(Filter, world.filter_id))
        give_group(services.database, "infra", Grown=MOSS)
        message = world.receive_comment()
        with services.database.reading() as session:
            named = session.get_one(Notification, world.notification(message)).public_id
        alice.get(path(services.links.why(named))).mustcontain("Grown", "from the group infra")
        alice.get("/inbox").mustcontain("Grown (@infra)")


class TestOthers:
    def test_find_nothing(self, services: Services, mallory: TestApp) -> None:
        filter_id, = give_group(services.database, "infra", Grown=MOSS)

        for where in (PAGE, f"{PAGE}/new", f"{PAGE}/{filter_id}", f"/filters/{filter_id}",
                      "/groups/nowhere/filters"):
            mallory.get(where, status=404)
        mallory.get("/groups").mustcontain("None of your groups")

    def test_of_the_group_can_edit_nothing(self, services: Services, bob: TestApp) -> None:
        filter_id, = give_group(services.database, "infra", Grown=MOSS)
        token = bob.get(PAGE).forms[0]["csrf_token"].value

        bob.get(f"{PAGE}/new", status=403)
        bob.get(f"{PAGE}/{filter_id}", status=403)
        bob.post(f"{PAGE}/{filter_id}/delete", {"csrf_token": token}, status=403)
        bob.post("/groups/infra/editors", {"csrf_token": token, "nick": "bob"}, status=403)
        assert filters_of(services) == [("Grown", "infra", True)]


class TestAnEditor:
    def test_confirms_for_how_many_it_is(self, services: Services, editor: TestApp, bob: TestApp) -> None:
        page = create(editor, "Grown")
        outline(page)
        page.mustcontain(
            "This applies to 2 members of the group infra", "save again to confirm", "Save for 2 members",
            no="2 members get notifications by this filter")
        assert filters_of(services) == []

        page = page.forms["editor"].submit("do", value="save", status=303).follow()
        page.mustcontain("Saved “Grown”", "2 members")
        assert filters_of(services) == [("Grown", "infra", True)]
        bob.get(PAGE).mustcontain("Grown")

    def test_makes_nothing_by_looking(self, services: Services, editor: TestApp) -> None:
        # Given the first filter of a group, not saved yet
        form = create(editor, "Grown").forms["editor"]
        # Then it can be checked, and refused, and nothing is there
        fields = dict(form.submit_fields())
        editor.post("/preview", fields).mustcontain("No messages would have matched")
        form["text"] = "package_filter("
        form.submit("do", value="save", status=422)
        with services.database.reading() as session:
            assert session.scalar(select(User.id).where(User.nick == "@infra")) is None

    def test_changes_switches_deletes_and_undoes(self, services: Services, editor: TestApp) -> None:
        filter_id, = give_group(services.database, "infra", Grown=MOSS)

        form = editor.get(f"{PAGE}/{filter_id}").forms["editor"]
        form["name"] = "Growing"
        page = form.submit("do", value="save").forms["editor"].submit("do", value="save").follow()
        page = press(page, "Switch off")
        assert filters_of(services) == [("Growing", "infra", False)]
        page = press(page, "Delete")
        assert filters_of(services) == []
        press(page, "Undo").mustcontain("Restored “Growing”")
        assert filters_of(services) == [("Growing", "infra", False)]
        with services.database.reading() as session:
            entries = session.scalars(select(AuditEntry).where(AuditEntry.subject == "@infra")).all()
            assert {each.actor for each in entries} == {"alice"}
            assert len(entries) == 4

    def test_names_themselves_and_nobody_else(self, services: Services, editor: TestApp) -> None:
        # "Me" would be each member
        page = create(editor, "Alice's", "user_filter(alice)")
        page.forms["editor"].submit("do", value="save", status=303)
        with services.database.reading() as session:
            stored = session.scalars(select(Filter).where(Filter.group_name == "infra")).one().stored
            assert stored.expression == Rule.of("user_filter", {"fasnick": "alice"})

    def test_loses_the_right_with_the_membership(
        self, services: Services, editor: TestApp, tmp_path: Path,
    ) -> None:
        editor.get(f"{PAGE}/new")
        (tmp_path / "directory.json").write_text(json.dumps({"groups": {"infra": ["bob"]}}))
        services.directory.refresh()

        editor.get(PAGE, status=404)
        editor.get(f"{PAGE}/new", status=404)

    @pytest.mark.parametrize(("what", "sentence"), [
        (lambda patch: patch.setattr(group_filters, "MAX_GROUP_FILTERS", 1), "1 filters at most"),
        (lambda patch: patch.setattr(group_editing, "MAX_CHANGES", 0), "Try again later"),
    ])
    def test_is_bounded(
        self, services: Services, editor: TestApp, monkeypatch: pytest.MonkeyPatch,
        what: Callable[[pytest.MonkeyPatch], None], sentence: str,
    ) -> None:
        give_group(services.database, "infra", Grown=MOSS)
        what(monkeypatch)

        page = create(editor, "More").forms["editor"].submit("do", value="save", status=422)

        page.mustcontain(sentence)
        assert len(filters_of(services)) == 1

    def test_cannot_make_a_slow_or_one_shot_filter(
        self, services: Services, editor: TestApp, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(group_filters, "MAX_SLOW_RULES", 0)
        page = create(editor, "Slow", 'regex_filter(pattern="[0-9]+")')
        page.forms["editor"].submit("do", value="save", status=422).mustcontain("slow rules")

        form = create(editor, "Once").forms["editor"]
        fields = {**dict(form.submit_fields()), "oneshot": "true", "do": "save"}
        editor.post(f"{PAGE}/new", fields, status=422).mustcontain("can’t switch itself off")
        assert filters_of(services) == []

    def test_keeps_what_was_typed_when_another_editor_deletes_the_filter(
        self, services: Services, editor: TestApp, root: TestApp,
    ) -> None:
        filter_id, = give_group(services.database, "infra", Grown=MOSS)
        form = editor.get(f"{PAGE}/{filter_id}").forms["editor"]
        form["name"] = "Grown moss"
        press(root.get(PAGE), "Delete")

        page = form.submit("do", value="save", status=404)
        outline(page)
        page.mustcontain("This filter was deleted.")
        page = page.forms["editor"].submit("do", value="save")
        page.forms["editor"].submit("do", value="save", status=303)
        assert filters_of(services) == [("Grown moss", "infra", True)]

    def test_is_told_of_nothing_that_the_budget_forbids(
        self, services: Services, editor: TestApp, monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        give_group(services.database, "infra", Slow=Rule.of("regex_filter", {"pattern": "[0-9]+"}))
        monkeypatch.setattr(group_filters, "MAX_SLOW_RULES", 0)
        page = press(editor.get(PAGE), "Switch off")
        page.mustcontain("Switched “Slow” off for the group.")

        press(page, "Switch on").mustcontain("slow rules", no=["Switched “Slow” on"])
        assert filters_of(services) == [("Slow", "infra", False)]

    def test_previews_with_scripts(self, services: Services, editor: TestApp) -> None:
        form = editor.get(f"{PAGE}/new").forms["editor"]
        fields = {**dict(form.submit_fields()), "shape": "text", "text": "package_filter(package=moss)"}

        assert editor.post("/preview", fields).status_int == 200


def test_administrators_name_and_remove_editors(services: Services, root: TestApp, alice: TestApp) -> None:
    def name(nick: str, status: int = 303) -> TestResponse:
        form = root.get(PAGE).forms["name-editor"]
        form["nick"] = nick
        return form.submit(status=status)

    name("mallory", 422).mustcontain("mallory isn’t a member of the group.")
    name("bob", 422).mustcontain("bob has no account here yet")
    name("alice").follow().mustcontain("alice can edit the group’s filters.")
    alice.get(f"{PAGE}/new")
    press(root.get(PAGE), "Remove").mustcontain("can no longer edit")
    alice.get(f"{PAGE}/new", status=403)


def test_administrators_open_any_group_by_its_name(root: TestApp, alice: TestApp) -> None:
    assert root.get("/groups?name=infra", status=303).location.endswith(PAGE)
    root.get("/groups?name=infr").mustcontain("no such group")
    alice.get("/groups?name=infra", status=200)


def test_the_groups_account_is_nobody(services: Services, root: TestApp) -> None:
    give_group(services.database, "infra", Grown=MOSS)

    root.get("/admin/people").mustcontain(no="@infra")
    form = TestApp(root.app).get("/sign-in").forms[0]
    form["nick"] = "@infra"
    form.submit(expect_errors=True)
    with services.database.reading() as session:
        account = session.scalars(select(User).where(User.nick == "@infra")).one()
        assert account.signed_in_at is None
