"""What the provider publishes, and how long that is believed."""

from __future__ import annotations

import pytest

from fmn.settings import OidcSettings
from tests.factories.clocks import Clock
from tests.servers.oidc import CLIENT_ID, CLIENT_SECRET, OidcProvider
from webapp.oidc.discovery import CACHE_SECONDS, ProviderMetadata
from webapp.oidc.errors import ProviderError
from webapp.oidc.provider import Provider
from webapp.oidc.sign_in_attempt import SignInAttempt

DISCOVERY = "/.well-known/openid-configuration"


def made(provider: OidcProvider, clock: Clock, issuer: str = "") -> Provider:
    settings = OidcSettings(
        issuer=issuer or provider.issuer, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, timeout_seconds=2)
    return Provider(settings, "http://localhost/sign-in/callback", lambda: clock().timestamp())


def test_is_fetched_again_after_an_hour(provider: OidcProvider) -> None:
    clock = Clock()
    ours = made(provider, clock)
    for seconds, times in ((0, 1), (CACHE_SECONDS - 1, 1), (2, 2), (CACHE_SECONDS - 1, 2), (2, 3)):
        clock.turn(seconds=seconds)
        ours.authorization_url(SignInAttempt.new())
        assert provider.asked == [DISCOVERY] * times


def test_a_slash_at_the_end_of_the_issuer_makes_no_difference(provider: OidcProvider) -> None:
    assert made(provider, Clock(), f"{provider.issuer}/").authorization_url(SignInAttempt.new()).startswith(
        provider.issuer)


def test_a_fault_of_the_provider_is_told_to_the_log_by_its_kind(provider: OidcProvider) -> None:
    provider.behaviour.broken = frozenset({DISCOVERY})
    with pytest.raises(ProviderError, match="is unreachable") as error:
        made(provider, Clock()).authorization_url(SignInAttempt.new())
    assert error.value.detail == "HTTPStatusError"


@pytest.mark.parametrize(("supported", "secret", "method"), [
    (("client_secret_basic",), "x", "client_secret_basic"),
    (("client_secret_post", "client_secret_basic"), "x", "client_secret_basic"),
    (("client_secret_post",), "x", "client_secret_post"),
    (("private_key_jwt",), "x", "client_secret_basic"),
    (("none",), "", "none"),
    (("client_secret_basic",), "", "none"),
])
def test_a_client_shows_its_secret_as_the_provider_likes(
    supported: tuple[str, ...], secret: str, method: str,
) -> None:
    metadata = ProviderMetadata(
        issuer="https://id.example.org", authorization_endpoint="https://id.example.org/a",
        token_endpoint="https://id.example.org/t", jwks_uri="https://id.example.org/k",
        token_endpoint_auth_methods_supported=supported)
    assert metadata.auth_method(secret) == method
