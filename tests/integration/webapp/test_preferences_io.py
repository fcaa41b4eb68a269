"""The page on which preferences go into a file and come back from one."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from webtest import TestApp, TestResponse, Upload

from fmn.filters.models import Filter
from fmn.infra.db import Database
from fmn.people.change_log import lock_changes
from fmn.people.models import DetailValue, Preference
from tests.integration.webapp.pages import outline
from tests.integration.webapp.world import NAME, World

PAGE = "/account/preferences"


def upload(browser: TestApp, content: str | bytes) -> TestResponse:
    """Choose a file, and look what it would change."""
    form = browser.get(PAGE).forms[0]
    form["file"] = Upload("mine.toml", content if isinstance(content, bytes) else content.encode())
    return form.submit(expect_errors=True)


def filters(database: Database) -> list[tuple[str, bool]]:
    with database.reading() as session:
        rows = session.scalars(select(Filter).order_by(Filter.position))
        return [(row.name, row.enabled) for row in rows]


@pytest.mark.parametrize("written", ["toml", "json"])
def test_what_is_downloaded_says_all_and_changes_nothing(alice: TestApp, world: World, written: str) -> None:
    outline(alice.get(PAGE))
    file = alice.get(f"{PAGE}/export?format={written}")
    assert file.content_type == f"application/{written}"
    assert file.headers["Content-Disposition"] == f'attachment; filename="fmn-alice.{written}"'
    file.mustcontain(NAME, "user_package_filter(@me)", "alice@example.org")
    page = upload(alice, file.body)
    outline(page)
    page.mustcontain("No changes")


def test_a_file_changes_what_was_shown_and_nothing_before(
    alice: TestApp, world: World, database: Database,
) -> None:
    # Given a file that changes something
    page = upload(alice, """
        version = 1
        [contexts.email]
        addresses = ["alice@example.org", "new@example.org"]
        filters = [{name = "Karma", expression = "bodhi_update_comment"}]""")
    outline(page)
    page.mustcontain(
        "Review the changes", "<h2>E-mail</h2>", "new@example.org is added and has to be confirmed.",
        f"Filter “{NAME}” is removed.", "Filter “Karma” is added.")
    assert filters(database) == [(NAME, True)]

    # When that is wanted
    done = page.forms[0].submit(status=303).follow()

    # Then it's done
    done.mustcontain("Imported your preferences: 3 changes, starting with the next message.")
    assert filters(database) == [("Karma", True)]
    with database.reading() as session:
        confirmed = {row.value: row.confirmed_at is not None for row in session.scalars(select(DetailValue))}
    assert confirmed == {"alice@example.org": True, "new@example.org": False}


def test_what_is_wrong_can_be_corrected_on_the_page(
    alice: TestApp, world: World, database: Database,
) -> None:
    page = upload(alice, """
        version = 1
        [contexts.email]
        filters = [{name = "<b>", expression = "bodhi_update_coment"}]""")
    outline(page)
    assert page.status_code == 422
    page.mustcontain("contexts.email, filter 1 “&lt;b&gt;”, expression", "did you mean bodhi_update_comment?")
    form = page.forms[0]
    form["content"] = form["content"].value.replace("coment", "comment")
    page = form.submit()
    page.mustcontain("Filter “&lt;b&gt;” is added.", no="<b>”")
    assert filters(database) == [(NAME, True)]


@pytest.mark.parametrize(("content", "sentence"), [
    (b"", "Choose a file to import."),
    (b"\xff\xfe", "The file isn’t text in UTF-8 from byte 0 on."),
    (b"#" * 600_000, "The file is larger than 500,000 bytes."),
    ("</textarea><script>", "The file isn’t TOML: "),
])
def test_no_file_breaks_it(alice: TestApp, content: bytes | str, sentence: str) -> None:
    page = upload(alice, content)
    outline(page)
    assert page.status_code == 422
    page.mustcontain(sentence, no="<script>")


def test_what_changed_since_it_was_shown_is_shown_again(
    alice: TestApp, world: World, database: Database,
) -> None:
    # Given changes that are shown
    page = upload(alice, "version = 1\n[contexts.email]\nenabled = false")
    # When something else changes before they're wanted
    with database.transaction() as session:
        session.execute(update(Preference).values(enabled=False))
    late = page.forms[0].submit(expect_errors=True)
    # Then nothing is done, and what would change now is shown
    assert late.status_code == 409
    outline(late)
    late.mustcontain("No changes")


def test_a_file_is_read_before_anybody_has_to_wait(
    alice: TestApp, world: World, database: Database,
) -> None:
    # Given changes that are shown, and somebody who changes preferences just now
    form = upload(alice, "version = 1\n[contexts.email]\nenabled = false").forms[0]
    with database.transaction() as session:
        lock_changes(session)
        # When what is imported then is no file, that is told at once
        form["content"].force_value("what")
        form.submit(status=422).mustcontain("The file isn’t TOML: ")


def test_others_addresses_cannot_be_taken(alice: TestApp, mallory: TestApp, world: World) -> None:
    page = upload(mallory, "version = 1\n[contexts.email]\naddresses = ['alice@example.org']")
    assert page.status_code == 422
    page.mustcontain("This address belongs to another account here.", no="alice’s")
