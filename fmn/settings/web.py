"""Sections of settings for the web app, signing in and confirming addresses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field

from fmn.settings.field_types import (
    LOOPBACK,
    Contacts,
    HostAndPort,
    Positive,
    PositiveInt,
    Secret,
    SettingsSection,
    WordList,
    url_with_scheme,
)


class WebSettings(SettingsSection):
    """The web app: its address, secrets, administrators and sessions.

    ``development_login`` lets anyone at the machine of ``fmn up`` be anyone, without a password.
    ``allow_plain_http`` says that it's meant when ``base_url`` doesn't begin with ``https://``.
    """

    base_url: Annotated[str, url_with_scheme("https://", "http://")] = "http://127.0.0.1:6543"
    allow_plain_http: bool = False
    secret: Secret = ""
    previous_secrets: Annotated[WordList, Field(repr=False)] = ()
    listen: HostAndPort = "127.0.0.1:6543"
    administrators: WordList = ()
    security_contact: Contacts = ()
    session_hours: Positive = 24 * 14
    longest_session_days: Positive = 90
    development_login: bool = False

    @property
    def secrets(self) -> tuple[str, ...]:
        """The signing secret, followed by previous ones, whose signatures stay valid."""
        return (self.secret, *self.previous_secrets)

    def conflicts(self) -> Iterator[str]:
        places = {urlsplit(self.base_url).hostname, urlsplit(f"//{self.listen}").hostname}
        if self.development_login and not places <= LOOPBACK:
            yield (
                "fmn.web.development_login = true lets anyone in as anyone: it's for fmn.web.base_url and "
                "fmn.web.listen on 127.0.0.1 alone")
        where = urlsplit(self.base_url)
        if where.scheme == "http" and where.hostname not in LOOPBACK and not self.allow_plain_http:
            yield (
                "fmn.web.base_url has to begin with https://: anyone in between could be whoever signs in. "
                "If that's meant, say fmn.web.allow_plain_http = true")


class OidcSettings(SettingsSection):
    """The OpenID Connect provider for signing in; none without ``issuer``."""

    issuer: str = ""
    client_id: str = ""
    client_secret: Secret = ""
    scopes: WordList = ("openid", "profile", "email")
    nick_claim: str = "nickname"
    email_claim: str = "email"
    provider_name: str = "single sign-on"
    confirmed_email: bool = False
    timeout_seconds: Positive = 10

    def conflicts(self) -> Iterator[str]:
        if self.issuer and not self.client_id:
            yield (
                "fmn.oidc.client_id is missing: the provider gave it when FMN was registered there")
        issuer = urlsplit(self.issuer)
        if self.issuer and issuer.scheme != "https" and issuer.hostname not in LOOPBACK:
            yield "fmn.oidc.issuer has to begin with https://: anyone in between could sign in"


class ConfirmationSettings(SettingsSection):
    """Confirmation of addresses: hours until a request expires, and limits of requests."""

    hours: Positive = 48
    per_address_per_day: PositiveInt = 5
    per_user_per_hour: PositiveInt = 10
    in_all_per_minute: PositiveInt = 60
