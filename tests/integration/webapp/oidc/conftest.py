"""The web app beside an OpenID provider that knows Alice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from webtest import TestApp

from fmn.wiring import Services
from tests.integration.webapp.oidc.flow import with_provider
from tests.integration.webapp.signing_in import app_of
from tests.servers.oidc import Behaviour, OidcProvider


@pytest.fixture(scope="session")
def running_provider() -> Iterator[OidcProvider]:
    """A provider. Making its key takes a while, so tests share it."""
    with OidcProvider() as provider:
        yield provider


@pytest.fixture
def provider(running_provider: OidcProvider) -> OidcProvider:
    """A provider that behaves, and that nobody has asked for anything."""
    running_provider.behaviour = Behaviour()
    running_provider.asked.clear()
    return running_provider


@pytest.fixture
def services(services: Services, provider: OidcProvider) -> Services:
    """A process's services, with that provider to sign in with and no other way in."""
    return with_provider(services, provider.issuer)


@pytest.fixture
def web(services: Services) -> TestApp:
    """The web app, which has asked the provider for nothing yet."""
    return TestApp(app_of(services))
