"""Client for an OpenID provider's discovery document and signing keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.discovery import get_well_known_url
from joserfc.jwk import KeySet
from pydantic import AfterValidator, BaseModel, ConfigDict

#: Seconds for which it's kept.
CACHE_SECONDS: Final = 3600
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def _endpoint(url: str) -> str:
    parts = urlsplit(url)
    if not (parts.hostname and (parts.scheme == "https" or parts.hostname in LOOPBACK)):
        raise ValueError("anyone in between could read what is said there")
    return url


Endpoint = Annotated[str, AfterValidator(_endpoint)]


class ProviderMetadata(BaseModel):
    """Fields that FMN uses of a discovery document (OpenID Connect Discovery 1.0, section 3)."""

    model_config = ConfigDict(hide_input_in_errors=True, extra="ignore", frozen=True)

    issuer: str
    authorization_endpoint: Endpoint
    token_endpoint: Endpoint
    jwks_uri: Endpoint
    userinfo_endpoint: Endpoint | None = None
    end_session_endpoint: Endpoint | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)

    def auth_method(self, secret: str) -> str:
        """Client authentication method for the token endpoint, given this client secret."""
        if not secret:
            return "none"
        basic, post = "client_secret_basic", "client_secret_post"
        supported = self.token_endpoint_auth_methods_supported
        return post if post in supported and basic not in supported else basic


class DiscoveryClient:
    """Discovery document and keys of one issuer, fetched on demand and cached for an hour."""

    def __init__(self, issuer: str, clock: Callable[[], float]) -> None:
        self._issuer = issuer
        self._clock = clock
        self._metadata: tuple[float, ProviderMetadata] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def metadata(self, client: OAuth2Client) -> ProviderMetadata:
        """The metadata. Raises :class:`httpx2.HTTPError`, or :class:`ValueError` if it is invalid."""
        if self._metadata is None or self._clock() - self._metadata[0] > CACHE_SECONDS:
            found = ProviderMetadata.model_validate(
                _json(client, get_well_known_url(self._issuer, external=True)))
            if found.issuer.rstrip("/") != self._issuer.rstrip("/"):
                raise ValueError("it says that it's another issuer")
            self._metadata = (self._clock(), found)
        return self._metadata[1]

    def keys(self, client: OAuth2Client, *, fresh: bool = False) -> KeySet:
        """The provider's keys; ``fresh`` bypasses the cache. Raises as :meth:`metadata`."""
        if fresh or self._keys is None or self._clock() - self._keys[0] > CACHE_SECONDS:
            self._keys = (self._clock(), key_set(_json(client, self.metadata(client).jwks_uri)))
        return self._keys[1]


def _json(client: OAuth2Client, url: str) -> Any:
    answer = client.request("GET", url, headers={"Accept": "application/json"}, withhold_token=True)
    return answer.raise_for_status().json()


def key_set(published: Any) -> KeySet:
    """Parse a JSON Web Key Set. Raises :class:`ValueError` or :class:`joserfc.errors.JoseError`."""
    try:
        return KeySet.import_key_set(published)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("it publishes no keys") from error
