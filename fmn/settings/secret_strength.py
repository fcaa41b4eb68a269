"""Strength check of the secrets that sign links, sessions and return addresses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from fmn.settings.field_types import LOOPBACK
from fmn.settings.web import WebSettings

#: Secrets that everybody knows: none at all, and the one in our production.ini.
KNOWN_SECRETS: Final = frozenset({"", "CHANGE-ME"})
#: The one in our development.ini. It will do where nobody else comes.
DEVELOPMENT: Final = "for development only"
#: Characters that one has to have: as many as nobody guesses if they're random, even letters of one case.
MIN_LENGTH: Final = 16
EXAMPLE: Final = "such as `openssl rand -hex 24` prints"


def weak_secrets(web: WebSettings) -> Iterator[str]:
    """Problems of the signing secrets, a sentence each."""
    if web.secret in KNOWN_SECRETS or (web.secret == DEVELOPMENT and _is_public_site(web)):
        yield (
            f"fmn.web.secret = {web.secret!r} can't be used: it signs the links in mails, "
            f"so set it to a long random text that nobody else knows, {EXAMPLE}")
    elif _is_public_site(web) and (len(web.secret) < MIN_LENGTH or len(web.secret.split()) != 1):
        yield (
            f"fmn.web.secret has to have {MIN_LENGTH} characters or more, and no blanks: a random text, "
            f"{EXAMPLE}")
    if KNOWN_SECRETS.intersection(web.previous_secrets):
        yield (
            "fmn.web.previous_secrets has one that everybody knows: take it out, "
            "for what it signed may be anybody's")


def _is_public_site(web: WebSettings) -> bool:
    return urlsplit(web.base_url).hostname not in LOOPBACK
