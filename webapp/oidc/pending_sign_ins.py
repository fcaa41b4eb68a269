"""Sign-ins that a browser has begun. Its session knows them, so nobody else's browser can finish them."""

from __future__ import annotations

from typing import Final

from webapp.oidc.errors import StaleAttemptError
from webapp.oidc.sign_in_attempt import Attempt
from webapp.request import Request

#: Where the session knows them: state, nonce, verifier, where to go afterwards, seconds since 1970.
KEY: Final = "sign_ins"
#: How many are kept, the newest ones: a person may have some windows open, and a cookie holds no more.
MOST: Final = 3
#: Seconds that somebody may take at the provider.
LASTING: Final = 900


def remember(request: Request, attempt: Attempt) -> None:
    """Let this browser finish the attempt."""
    begun = [attempt.state, attempt.nonce, attempt.verifier, attempt.to, int(request.now.timestamp())]
    request.session[KEY] = [*request.session.get(KEY, []), begun][-MOST:]


def take(request: Request, state: str) -> Attempt:
    """The attempt of this state, which nobody can take again. Raises :class:`StaleAttemptError`."""
    begun = {each[0]: each for each in request.session.get(KEY, [])}
    found = begun.pop(state, None)
    if found is None:
        raise StaleAttemptError
    request.session[KEY] = list(begun.values())
    *attempt, at = found
    # A cookie can be brought back as it was before, so it's known here, too, that this state was taken.
    fresh = request.services.cache.acquire(f"fmn.sign-in.{state}", LASTING)
    if not fresh or request.now.timestamp() - at > LASTING:
        raise StaleAttemptError
    return Attempt(*attempt)
