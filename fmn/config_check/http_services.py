"""Configuration checks of HTTP services: OpenID provider, directories and the bus's archive."""

from __future__ import annotations

import time
from typing import Final

import httpx
from authlib.integrations.httpx_client import OAuth2Client
from httpx2 import HTTPError, InvalidURL

from fmn.directory.merging import DirectoryUnavailableError
from fmn.directory.pagure import COMMITTERS_PATH
from fmn.directory.source_factory import sources_from
from fmn.settings import CatchupSettings, DirectorySettings, OidcSettings
from fmn.settings.check_results import CheckResults, error_text, failed, ok
from webapp.oidc.discovery import DiscoveryClient

#: Seconds for an answer.
TIMEOUT_SECONDS: Final = 10.0
PROVIDER: Final = "sign-in"
DIRECTORY: Final = "directory"
ARCHIVE: Final = "catch-up"


def check_provider(settings: OidcSettings) -> CheckResults:
    """Whether the OpenID provider's discovery document and keys are valid."""
    documents, where = DiscoveryClient(settings.issuer, time.monotonic), f"the provider {settings.issuer}"
    try:
        with OAuth2Client(timeout=min(TIMEOUT_SECONDS, settings.timeout_seconds)) as client:
            documents.metadata(client)
            documents.keys(client)
    except (HTTPError, InvalidURL) as error:
        yield failed(PROVIDER, f"{where} doesn't answer: {error_text(error)}. Is fmn.oidc."
                              "issuer what stands in front of /.well-known/openid-configuration?")
    except ValueError as error:
        yield failed(
            PROVIDER, f"{where} doesn't describe itself as OpenID Connect wants: {error_text(error)}. Take "
                              "fmn.oidc.issuer literally from its discovery document")
    else:
        yield ok(PROVIDER, f"{where} answers; whether id and secret are right shows when somebody signs in")


def check_directory(settings: DirectorySettings) -> CheckResults:
    """Whether the directory's sources answer."""
    names = dict.fromkeys((settings.ownership, settings.accounts))
    if "pagure" in names:
        url = f"{settings.pagure_url.rstrip('/')}/{COMMITTERS_PATH}"
        yield from _answers(DIRECTORY, "fmn.directory.pagure_url", url)
    if "fasjson" in names:
        url = f"{settings.fasjson_url.rstrip('/')}/v1/groups/?page_size=1"
        yield from _answers(DIRECTORY, "fmn.directory.fasjson_url", url, settings.fasjson_token)
    if not {*names} <= {"none", "pagure", "fasjson"}:
        yield from _fetched(settings)


def check_archive(settings: CatchupSettings) -> CheckResults:
    """Whether the archive of the bus answers."""
    yield from _answers(ARCHIVE, "fmn.catchup.url", str(httpx.URL(
        settings.url, params={"rows_per_page": 1, "delta": 1})))


def _fetched(settings: DirectorySettings) -> CheckResults:
    """Check files and third-party sources by fetching from them."""
    kept = {name: name if name not in {"pagure", "fasjson"} else "none"
            for name in (settings.ownership, settings.accounts)}
    others = settings.model_copy(update={
        "ownership": kept[settings.ownership], "accounts": kept[settings.accounts]})
    try:
        for source in sources_from(others):
            source.fetch()
    except DirectoryUnavailableError as error:
        yield failed(DIRECTORY, f"{error_text(error)}. See fmn.directory")
    else:
        yield ok(DIRECTORY, f"{settings.file} can be read" if settings.file else "it answers")


def _answers(subject: str, setting: str, url: str, token: str = "") -> CheckResults:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        # Only what it answers, not all that it has to say: that may be megabytes.
        with httpx.stream(
                "GET", url, headers=headers, timeout=TIMEOUT_SECONDS, follow_redirects=True) as answer:
            code = answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        yield failed(subject, f"{url} doesn't answer: {error_text(error)}. See {setting}")
        return
    if code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        yield failed(subject, f"{url} answers {code}: it wants to know who asks. Is the token right?")
    elif not httpx.codes.is_success(code):
        yield failed(subject, f"{url} answers {code}. See {setting}")
    else:
        yield ok(subject, f"{url} answers")


