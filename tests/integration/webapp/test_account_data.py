"""Taking away what FMN knows of one, and having it deleted."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select
from webtest import TestApp

from fmn.infra.db import Database
from fmn.ledger.models import Delivery
from fmn.people.models import User
from fmn.wiring import Services
from tests.integration.webapp.pages import outline
from tests.integration.webapp.signing_in import signed_in
from tests.integration.webapp.world import World
from webapp.auth.security import HEADERS


def users(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(User.nick).order_by(User.nick)))


def test_everything_comes_in_one_file(alice: TestApp, world: World, mallory: TestApp) -> None:
    world.receive_comment("Works here.")
    answer = alice.get("/account/export")
    assert answer.content_type == "application/json"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="fmn-alice.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    found = json.loads(answer.body)
    assert found["account"]["nick"] == "alice"
    assert [each["topic"] for each in found["notifications"]] == [
        "org.fedoraproject.prod.bodhi.update.comment"]
    assert json.loads(mallory.get("/account/export").body)["notifications"] == []


def test_what_administrators_did_with_it_is_in_it(
    alice: TestApp, root: TestApp, mallory: TestApp, world: World,
) -> None:
    root.get("/admin/people/alice")
    [entry] = json.loads(alice.get("/account/export").body)["done_by_administrators"]
    assert entry["action"] == "saw preferences"
    assert "root" not in json.dumps(entry)
    assert json.loads(mallory.get("/account/export").body)["done_by_administrators"] == []


class TestDeleting:
    def test_is_done_by_whoever_types_the_name(
        self, alice: TestApp, world: World, services: Services, database: Database, mallory: TestApp,
    ) -> None:
        # Given Alice, to whom something is on its way, in two browsers
        world.receive_comment()
        other = signed_in(services, "alice")
        page = alice.get("/account/delete")
        outline(page)
        page.mustcontain("You can’t undo this", "may still arrive", no=["create a new account for you"])

        # When she types something else, nothing happens
        form = page.forms[0]
        for wrong in ("", "Alice", "mallory", "<b>"):
            form["nick"] = wrong
            refused = form.submit(status=422)
            outline(refused)
            refused.mustcontain("Type “alice” to delete")
        assert users(database) == ["alice", "mallory"]

        # When she types her name, all is gone, and Mallory is still there
        form["nick"] = " alice "
        form.submit(status=303).follow().mustcontain("Deleted the account alice")
        assert users(database) == ["mallory"]
        with database.reading() as session:
            assert session.scalars(select(Delivery)).all() == []
        for browser, status in ((alice, 303), (other, 303), (mallory, 200)):
            browser.get("/account", status=status)

        # And a second click says so
        form.submit(status=403).mustcontain("You aren’t signed in")

    @pytest.mark.parametrize("database", ["sqlite"], indirect=True)
    def test_lets_one_begin_anew(self, alice: TestApp, services: Services, database: Database) -> None:
        with database.reading() as session:
            before = session.scalars(select(User.id)).one()
        form = alice.get("/account/delete").forms[0]
        form["nick"] = "alice"
        form.submit(status=303)
        again = signed_in(services, "alice")
        with database.reading() as session:
            assert session.scalars(select(User.id)).one() != before
        again.get("/account", status=200)
        alice.get("/account", status=303)

    @pytest.mark.parametrize("database", ["sqlite"], indirect=True)
    def test_says_where_accounts_make_themselves(self, services: Services) -> None:
        autocreate = services.settings.autocreate.model_copy(update={"events": ("fas_group_member_sponsor",)})
        services.settings = services.settings.model_copy(update={"autocreate": autocreate})
        signed_in(services, "alice").get("/account/delete").mustcontain("create a new account for you")
