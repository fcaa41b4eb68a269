"""OpenID provider: authorization URL, code exchange, profile and logout URL."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import structlog
from authlib.common.urls import add_params_to_uri
from authlib.integrations.httpx_client import OAuth2Client, OAuthError
from authlib.oauth2.client import OAuth2Client as Flow
from httpx2 import HTTPError, InvalidURL
from joserfc.errors import JoseError

from fmn.people.email_addresses import EmailAddressError, parse_email_address
from fmn.people.usernames import is_username
from fmn.settings import OidcSettings
from fmn.text import capital
from fmn.translations import gettext
from webapp.oidc.discovery import DiscoveryClient, ProviderMetadata
from webapp.oidc.errors import ProviderError, SignInError
from webapp.oidc.id_tokens import ExpectedClaims, IdTokenError, UnknownKeyError, read_id_token
from webapp.oidc.sign_in_attempt import SignInAttempt

log = structlog.get_logger()

#: How much of what others say goes into the log and onto a page, in characters.
SHOWN: Final = 80
#: Characters of a subject (OpenID Connect Core 1.0, section 2).
LONGEST_SUBJECT: Final = 255

Claims = Mapping[str, Any]


@dataclass(frozen=True)
class ProviderProfile:
    """Account data from the provider. ``id_token`` is its hint for signing out.

    ``issuer`` and ``subject`` identify the account permanently, whatever its name becomes.
    """

    nick: str
    email: str | None
    email_verified: bool
    id_token: str
    issuer: str
    subject: str


class Provider:
    """Client of one OpenID provider, which redirects to ``redirect_uri``. Thread-safe."""

    def __init__(
        self, settings: OidcSettings, redirect_uri: str, clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._redirect_uri = redirect_uri
        self._discovery = DiscoveryClient(settings.issuer, clock)

    @property
    def name(self) -> str:
        """The provider's name in the middle of a sentence."""
        return self._settings.provider_name

    @property
    def capital(self) -> str:
        """The provider's name at the beginning of a sentence."""
        return capital(self.name)

    def authorization_url(self, attempt: SignInAttempt) -> str:
        """URL that starts the sign-in at the provider. Raises :class:`ProviderError`."""
        with self._client() as client:
            endpoint = self._discovery.metadata(client).authorization_endpoint
        flow = Flow(
            None, self._settings.client_id, scope=" ".join(self._settings.scopes),
            redirect_uri=self._redirect_uri, code_challenge_method="S256")
        url, _ = flow.create_authorization_url(
            endpoint, state=attempt.state, nonce=attempt.nonce, code_verifier=attempt.verifier)
        return url

    def complete_sign_in(
        self, attempt: SignInAttempt, answer: Mapping[str, str], now: float,
    ) -> ProviderProfile:
        """Exchange the callback's code for a profile. Raises :class:`SignInError`."""
        code = self._code(answer)
        with self._client() as client:
            metadata = self._discovery.metadata(client)
            if answer.get("iss", metadata.issuer) != metadata.issuer:  # RFC 9207
                raise ProviderError(
                    self._say(gettext("The response didn’t come from {provider}.")), "another issuer")
            client.token_endpoint_auth_method = metadata.auth_method(self._settings.client_secret)
            token = client.fetch_token(
                metadata.token_endpoint, grant_type="authorization_code", code=code,
                code_verifier=attempt.verifier)
            claims = self._claims(client, metadata, token, attempt.nonce, now)
            return self._profile(claims, self._userinfo(client, metadata, claims), token["id_token"])

    def logout_url(self, id_token: str | None, back: str) -> str | None:
        """URL that signs out at the provider; ``None`` if the provider has no logout endpoint.

        Raises :class:`ProviderError`.
        """
        with self._client() as client:
            endpoint = self._discovery.metadata(client).end_session_endpoint
        if endpoint is None:
            return None
        hint = [("id_token_hint", id_token)] if id_token else []
        return add_params_to_uri(endpoint, [
            *hint, ("client_id", self._settings.client_id), ("post_logout_redirect_uri", back)])

    @contextmanager
    def _client(self) -> Iterator[OAuth2Client]:
        """HTTP client whose errors are raised as :class:`SignInError`."""
        try:
            with OAuth2Client(
                self._settings.client_id, self._settings.client_secret or None,
                redirect_uri=self._redirect_uri, timeout=self._settings.timeout_seconds,
            ) as client:
                yield client
        except OAuthError as error:
            raise ProviderError(
                self._say(gettext("{Provider} didn’t confirm your sign-in.")),
                _shown(error.error)) from error
        except (HTTPError, InvalidURL, JoseError, ValueError) as error:
            # Its text may have an address with a code in it.
            raise ProviderError(
                self._say(gettext(
                    "{Provider} is unreachable or returned an error. Try again in a few minutes.")),
                type(error).__name__) from error

    def _code(self, answer: Mapping[str, str]) -> str:
        error = answer.get("error")
        if error == "access_denied":
            raise SignInError(
                self._say(gettext("You didn’t allow {provider} to share your account name with FMN.")), error)
        if error is not None or not answer.get("code"):
            raise ProviderError(
                self._say(gettext("{Provider} didn’t sign you in.")), _shown(error or "no code"))
        return answer["code"]

    def _claims(
        self, client: OAuth2Client, metadata: ProviderMetadata, token: Claims, nonce: str, now: float,
    ) -> Claims:
        """Validated claims of the ID token; keys are fetched again if the cached ones don't fit."""
        expected = ExpectedClaims(
            metadata.issuer, self._settings.client_id, nonce, token.get("access_token"))
        id_token = token.get("id_token")
        try:
            try:
                return read_id_token(id_token, self._discovery.keys(client), expected, now)
            except UnknownKeyError:
                return read_id_token(id_token, self._discovery.keys(client, fresh=True), expected, now)
        except IdTokenError as error:
            raise self._untrusted_error(str(error)) from error

    def _userinfo(self, client: OAuth2Client, metadata: ProviderMetadata, claims: Claims) -> Claims:
        """Claims from the userinfo endpoint, if the ID token lacks some that the settings name."""
        wanted = {self._settings.nick_claim, self._settings.email_claim}
        if metadata.userinfo_endpoint is None or wanted <= claims.keys():
            return {}
        said = client.get(metadata.userinfo_endpoint).raise_for_status().json()
        if not isinstance(said, dict) or said.get("sub") != claims["sub"]:
            raise self._untrusted_error("its userinfo is about somebody else")
        return said

    def _profile(self, claims: Claims, more: Claims, id_token: str) -> ProviderProfile:
        nick = {**more, **claims}.get(self._settings.nick_claim)
        if not nick:
            raise SignInError(
                self._say(gettext(
                    "{Provider} didn’t send your account name. Contact your FMN administrator.")),
                f"no claim {self._settings.nick_claim}")
        if not isinstance(nick, str) or not is_username(nick):
            raise SignInError(
                self._say(gettext(
                    "{Provider} sent the account name “{nick}”, which isn’t valid in FMN. "
                    "Contact your FMN administrator."), nick=_shown(nick)), _shown(nick))
        if len(claims["sub"]) > LONGEST_SUBJECT:
            raise self._untrusted_error("its subject is too long")
        # Whether an address is verified is said beside it, by some providers in a word.
        beside = claims if self._settings.email_claim in claims else more
        verified = beside.get("email_verified")
        return ProviderProfile(
            nick, _address(beside.get(self._settings.email_claim)), verified is True or verified == "true",
            id_token, claims["iss"], claims["sub"])

    def _untrusted_error(self, detail: str) -> ProviderError:
        return ProviderError(
            self._say(gettext("FMN can’t verify the response of {provider}.")), _shown(detail))

    def _say(self, sentence: str, **values: str) -> str:
        return sentence.format(provider=self.name, Provider=self.capital, **values)


def _address(claimed: object) -> str | None:
    try:
        return parse_email_address(str(claimed).strip()).normalized if claimed else None
    except EmailAddressError:
        log.warning("address of a sign-in left out", claimed=_shown(claimed))
        return None


def _shown(said: object) -> str:
    text = "".join(each if each.isprintable() else "�" for each in str(said))
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
