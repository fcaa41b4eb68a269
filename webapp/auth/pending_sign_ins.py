"""Pending sign-ins of a browser, kept in its session so that no other browser can finish them."""

from __future__ import annotations

from typing import Final

from webapp.oidc.errors import StaleAttemptError
from webapp.oidc.sign_in_attempt import SignInAttempt
from webapp.request import Request

#: Where the session knows them: state, nonce, verifier, where to go afterwards, seconds since 1970.
SESSION_KEY: Final = "sign_ins"
#: How many are kept, the newest ones: a person may have some windows open, and a cookie holds no more.
MAX_ATTEMPTS: Final = 3
#: Seconds that somebody may take at the provider.
ATTEMPT_SECONDS: Final = 900


def remember_attempt(request: Request, attempt: SignInAttempt) -> None:
    """Store a sign-in attempt in the session."""
    begun = [attempt.state, attempt.nonce, attempt.verifier, attempt.to, int(request.now.timestamp())]
    request.session[SESSION_KEY] = [*request.session.get(SESSION_KEY, []), begun][-MAX_ATTEMPTS:]


def redeem_attempt(request: Request, state: str) -> SignInAttempt:
    """Remove and return the attempt with this state. Raises :class:`StaleAttemptError`."""
    begun = {each[0]: each for each in request.session.get(SESSION_KEY, [])}
    found = begun.pop(state, None)
    if found is None:
        raise StaleAttemptError
    request.session[SESSION_KEY] = list(begun.values())
    *attempt, at = found
    # A cookie can be brought back as it was before, so it's known here, too, that this state was taken.
    fresh = request.services.cache.acquire(f"fmn.sign-in.{state}", ATTEMPT_SECONDS)
    if not fresh or request.now.timestamp() - at > ATTEMPT_SECONDS:
        raise StaleAttemptError
    return SignInAttempt(*attempt)
