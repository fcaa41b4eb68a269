"""Accounts belong to whom the provider knows; a nick that is given anew inherits nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from webtest import TestApp

from fmn.infra.db import Database
from fmn.people.models import User
from fmn.wiring import Services
from tests.integration.webapp.oidc.flow import come_back, refused, who, with_provider
from tests.integration.webapp.signing_in import app_of
from tests.servers.oidc import OidcProvider

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def comes(services: Services, provider: OidcProvider, subject: object, nick: str) -> TestApp:
    """The browser of somebody who has signed in."""
    provider.behaviour.claims = {"sub": subject, "nickname": nick, "email": f"{nick}@example.org"}
    browser = TestApp(app_of(with_provider(services, provider.issuer)))
    come_back(browser)
    return browser


def accounts(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return {user.nick: user.id for user in session.scalars(select(User))}


def test_somebody_else_with_the_nick_has_another_account_and_ends_the_old_ones_sessions(
    services: Services, database: Database, provider: OidcProvider,
) -> None:
    first = comes(services, provider, "1", "mary")
    assert who(first) == "mary"
    second = comes(services, provider, "2", "mary")
    assert who(second) == "mary"
    assert who(first) is None
    assert len(accounts(database)) == 2
    # When the first one comes back under the name that they have now
    assert who(comes(services, provider, "1", "maria")) == "maria"
    assert len(accounts(database)) == 2


def test_whoever_is_given_an_administrators_nick_administers_nothing(
    services: Services, provider: OidcProvider,
) -> None:
    assert comes(services, provider, "1", "root").get("/admin").status_int == 200
    comes(services, provider, "2", "root").get("/admin", status=403)


def test_another_provider_is_told_from_the_one_before(
    services: Services, database: Database, provider: OidcProvider,
) -> None:
    comes(services, provider, "1", "mary")
    with database.transaction() as session:
        session.scalars(select(User)).one().issuer = "https://before.example.org"
    browser = TestApp(app_of(with_provider(services, provider.issuer)))
    refused(come_back(browser), 403, "The account mary is linked to a different sign-in.")
    assert who(browser) is None


def test_a_subject_that_no_provider_may_have_is_refused(services: Services, provider: OidcProvider) -> None:
    assert who(comes(services, provider, "x" * 256, "mary")) is None
    assert who(comes(services, provider, "x" * 255, "mary")) == "mary"
