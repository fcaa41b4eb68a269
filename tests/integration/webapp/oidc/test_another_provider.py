"""Signing in and out with an OpenID provider that we didn't write."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import select
from webtest import TestApp

from fmn.people.models import DetailValue
from fmn.wiring import Services
from tests.integration.webapp.oidc.flow import who, with_provider
from tests.integration.webapp.signing_in import app_of
from tests.servers.oidc_mock import MockOidcProvider


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_one_signs_in_and_out(services: Services, tmp_path: Path) -> None:
    with MockOidcProvider(tmp_path) as provider:
        # Given a provider that knows Alice
        httpx.put(f"{provider.issuer}/users/7", json={
            "nickname": "alice", "email": "alice@example.org", "email_verified": True}).raise_for_status()
        browser = TestApp(app_of(with_provider(services, provider.issuer, confirmed_email=True)))

        # When she signs in there
        begun = browser.get("/sign-in/begin", status=303)
        back = urlsplit(httpx.post(begun.location, data={"sub": "7"}).headers["Location"])
        browser.get(f"{back.path}?{back.query}", status=303)

        # Then FMN knows her, and where to write
        assert who(browser) == "alice"
        with services.database.reading() as session:
            address = session.scalars(select(DetailValue)).one()
        assert address.value == "alice@example.org"
        assert address.confirmed_at

        # And when she signs out, she's led there to do so as well
        page = browser.get("/sign-out").form.submit().follow()
        there = httpx.get(page.html.find("a", class_="button")["href"]).raise_for_status()
        assert "You will be redirected to <code>http://localhost/sign-out</code>" in there.text
        assert "Recommended parameter" not in there.text
        assert who(browser) is None
