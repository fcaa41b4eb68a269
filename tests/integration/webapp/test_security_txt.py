"""Whom to tell of a vulnerability, where researchers look."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from webtest import TestApp

from fmn.settings import DatabaseSettings, Settings, WebSettings
from fmn.wiring import Services
from tests.factories.databases import tables_in
from webapp import application
from webapp.views.security_txt import render

CONTACTS = ("mailto:security@example.org", "https://example.org/report")


@pytest.fixture
def web(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[TestApp]:
    """The web app, with contacts or without."""
    url = f"sqlite:///{tmp_path}/fmn.sqlite"
    with tables_in(url):
        services = Services(Settings(
            database=DatabaseSettings(url=url),
            web=WebSettings(
                secret="any-secret-of-tests", base_url="https://fmn.example.org/n/",
                security_contact=request.param)))
        yield TestApp(application(services))
        services.database.close()


@pytest.mark.parametrize("web", [CONTACTS], indirect=True)
def test_it_names_the_contacts_in_order_and_itself(web: TestApp) -> None:
    answer = web.get("/.well-known/security.txt")

    fields = [line.split(": ", 1) for line in answer.text.splitlines()]
    assert answer.content_type == "text/plain"
    assert answer.charset.lower() == "utf-8"
    assert [value for name, value in fields if name == "Contact"] == list(CONTACTS)
    assert ["Canonical", "https://fmn.example.org/n/.well-known/security.txt"] in fields
    [expires] = [datetime.fromisoformat(value) for name, value in fields if name == "Expires"]
    assert timedelta() < expires - datetime.now(UTC) < timedelta(days=365)


@pytest.mark.parametrize("web", [()], indirect=True)
def test_there_is_none_where_nobody_is_named(web: TestApp) -> None:
    web.get("/.well-known/security.txt", status=404)


def test_it_is_the_same_all_day() -> None:
    texts = {render(CONTACTS, "https://fmn.example.org", datetime(2030, 1, 2, hour, tzinfo=UTC))
             for hour in range(24)}

    assert len(texts) == 1
    assert "\nExpires: 2030-04-02T00:00:00Z\n" in texts.pop()
