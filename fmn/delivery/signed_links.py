"""Signed links from notifications into the web app; a token says what a link may do without signing in."""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote

from itsdangerous import BadSignature
from itsdangerous import Signer as ItsdangerousSigner
from itsdangerous.encoding import want_bytes
from itsdangerous.signer import SigningAlgorithm

from fmn.infra.public_ids import PATTERN, PublicId
from fmn.people.confirmation_codes import codes_match, format_code
from fmn.translations import gettext

#: What most tokens say: the row that's meant.
_ROW = re.compile(PATTERN)
#: What an unsubscribe token says: a preference, and the filter of it that is meant, if not all.
_UNSUBSCRIBE = re.compile(rf"{PATTERN}(?:-{PATTERN})?")
#: What a feed's token says: a user, and which of their feed's addresses it is.
_FEED = re.compile(rf"{PATTERN}-(\d{{1,10}})")


class LinkError(Exception):
    """Invalid token of a link; the text says what to do."""


class UnsubscribeScope(NamedTuple):
    """Scope of an unsubscribe link: one filter, or the whole preference."""

    preference: PublicId
    public_filter_id: PublicId | None


class FeedTarget(NamedTuple):
    """Target of a feed's link; a new ``version`` invalidates the previous address."""

    user: PublicId
    version: int


class CachedKeySigner(ItsdangerousSigner):
    """The library's signer with cached derived keys, and signatures made in one call.

    A mail to each of ten thousand people has two signatures in it. They're the same as the library's.
    """

    def __init__(self, secrets: Sequence[str], salt: str) -> None:
        super().__init__(secrets, salt, algorithm=_HmacSha1())
        self._derived = {
            secret: super(CachedKeySigner, self).derive_key(secret) for secret in self.secret_keys}
        self._newest = self._derived[self.secret_keys[-1]]

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:
        """The key derived from a secret, by default the newest."""
        return self._derived[self.secret_keys[-1] if secret_key is None else want_bytes(secret_key)]

    def sign(self, value: str | bytes) -> bytes:
        """Sign a value: a fifth of the time of the library's six calls."""
        signed = want_bytes(value)
        signature = hmac.digest(self._newest, signed, "sha1")
        return b"%b%b%b" % (signed, self.sep, urlsafe_b64encode(signature).rstrip(b"="))


class _HmacSha1(SigningAlgorithm):
    # HMAC-SHA-1, the library's default: collisions of SHA-1 don't weaken it, and the links, which plain text
    # mails show in full, stay 16 characters shorter than with SHA-256.
    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return hmac.digest(key, value, "sha1")


class Links:
    """URLs of the web app's pages, and their tokens.

    ``base_url`` is where the web app answers, with or without a path; ``secret`` signs the tokens: who knows
    it can unsubscribe anyone. Tokens don't expire, so that links in old mails work; tokens signed with one
    of ``previous_secrets`` stay valid. Each purpose has its own salt, so that a token for one page is
    invalid on another. Tokens hold public ids, number and nonce, so that a token means its row or none.
    Raises :class:`ValueError` if a secret is empty, because then anyone could sign.
    """

    def __init__(self, base_url: str, secret: str, previous_secrets: Sequence[str] = ()) -> None:
        # Signers want the oldest first, and sign with the last one.
        secrets = [*reversed(previous_secrets), secret]
        if not all(secrets):
            raise ValueError("fmn.web.secret is empty: set it to a long random text, it signs links in mails")
        self._base_url = base_url.rstrip("/")
        self._why = CachedKeySigner(secrets, salt="fmn.why")
        self._unsubscribe = CachedKeySigner(secrets, salt="fmn.unsubscribe")
        self._confirm = CachedKeySigner(secrets, salt="fmn.confirm")
        self._code = CachedKeySigner(secrets, salt="fmn.code")
        self._go = CachedKeySigner(secrets, salt="fmn.go")
        self._feed = CachedKeySigner(secrets, salt="fmn.feed")
        self._shared = CachedKeySigner(secrets, salt="fmn.shared")

    def why(self, notification: PublicId) -> str:
        """The page that tells why this notification was sent, and shows all of it."""
        return f"{self._base_url}/why/{self._why.sign(str(notification)).decode()}"

    def unsubscribe(self, preference: PublicId, public_filter_id: PublicId | None) -> str:
        """The page that stops a filter or, without one, everything of the preference.

        A ``GET`` asks, a ``POST`` does it, without a login (RFC 8058).
        """
        meant = str(preference) if public_filter_id is None else f"{preference}-{public_filter_id}"
        return f"{self._base_url}/unsubscribe/{self._unsubscribe.sign(meant).decode()}"

    def confirm(self, confirmation: PublicId) -> str:
        """The page that confirms an address. How long it does so is in the confirmation's row."""
        return f"{self._base_url}/confirm/{self._confirm.sign(str(confirmation)).decode()}"

    def code(self, confirmation: PublicId) -> str:
        """Code that confirms an address, ``ABCD-EFGH``; valid as long as a link."""
        return _code(self._code.derive_key(), confirmation)

    def is_code(self, confirmation: PublicId, typed: str) -> bool:
        """Whether a typed code is that of :meth:`code`, by the secret or a previous one."""
        return any(
            codes_match(_code(self._code.derive_key(secret), confirmation), typed)
            for secret in self._code.secret_keys)

    def feed(self, user: PublicId, version: int) -> str:
        """The feed of what a user is sent, for programs that can't sign in."""
        return f"{self._base_url}/feed/{self._feed.sign(f'{user}-{version}').decode()}"

    def go(self, notification: PublicId) -> str:
        """A short link that leads where a notification's own one does."""
        return f"{self._base_url}/go/{self._go.sign(str(notification)).decode()}"

    def shared(self, filters: PublicId) -> str:
        """The page that shows filters which somebody shares, and takes them over."""
        return f"{self._base_url}/shared/{self._shared.sign(str(filters)).decode()}"

    def inbox(self) -> str:
        """The inbox of the signed-in user."""
        return f"{self._base_url}/inbox"

    def preference(self, context: str) -> str:
        """The preferences of the signed-in user for a context."""
        return f"{self._base_url}/preferences/{context}"

    def filters(self, context: str) -> str:
        """The filters of the signed-in user for a context."""
        return f"{self.preference(context)}/filters"

    def filter(self, filter_id: int) -> str:
        """The page of a filter, for its owner."""
        return f"{self._base_url}/filters/{filter_id}"

    def mutes(self) -> str:
        """The mutes of the signed-in user."""
        return f"{self._base_url}/mutes"

    def catalogue(self, category: str) -> str:
        """The event catalogue of an application."""
        return f"{self._base_url}/catalogue/{quote(category, safe='')}"

    def help(self) -> str:
        """The help page."""
        return f"{self._base_url}/help"

    def read_why(self, token: str) -> PublicId:
        """The notification that a token of :meth:`why` stands for. Raises :class:`LinkError`."""
        return PublicId.from_match(_read(self._why, token, _ROW))

    def read_unsubscribe(self, token: str) -> UnsubscribeScope:
        """What a token of :meth:`unsubscribe` stops. Raises :class:`LinkError`."""
        found = _read(self._unsubscribe, token, _UNSUBSCRIBE)
        return UnsubscribeScope(
            PublicId.from_match(found), PublicId.from_match(found, 3) if found[3] else None)

    def read_confirm(self, token: str) -> PublicId:
        """The confirmation that a token of :meth:`confirm` stands for. Raises :class:`LinkError`."""
        return PublicId.from_match(_read(self._confirm, token, _ROW))

    def read_feed(self, token: str) -> FeedTarget:
        """Whose feed a token of :meth:`feed` stands for. Raises :class:`LinkError`."""
        found = _read(self._feed, token, _FEED)
        return FeedTarget(PublicId.from_match(found), int(found[3]))

    def read_go(self, token: str) -> PublicId:
        """The notification whose link a token of :meth:`go` leads to. Raises :class:`LinkError`."""
        return PublicId.from_match(_read(self._go, token, _ROW))

    def read_shared(self, token: str) -> PublicId:
        """The shared filters that a token of :meth:`shared` stands for. Raises :class:`LinkError`."""
        return PublicId.from_match(_read(self._shared, token, _ROW))


def _code(key: bytes, confirmation: PublicId) -> str:
    return format_code(hmac.digest(key, str(confirmation).encode(), "sha256"))


def _read(signer: CachedKeySigner, token: str, shape: re.Pattern[str]) -> re.Match[str]:
    try:
        found = shape.fullmatch(signer.unsign(token.encode("utf-8", "replace")).decode("ascii"))
    except (BadSignature, UnicodeDecodeError):
        found = None
    if found is None:
        raise LinkError(gettext("This link isn't complete: copy all of it from the mail, and try again."))
    return found
