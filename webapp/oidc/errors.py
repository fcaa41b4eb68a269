"""Why somebody couldn't be signed in."""

from __future__ import annotations


class SignInError(Exception):
    """Somebody couldn't be signed in; the text tells them why, ``detail`` tells the log, without secrets."""

    #: What the page answers with.
    status = 403

    def __init__(self, sentence: str, detail: str = "") -> None:
        super().__init__(sentence)
        self.detail = detail


class StaleAttemptError(SignInError):
    """What came back belongs to nothing that this browser has begun."""

    status = 400

    def __init__(self) -> None:
        super().__init__(
            "This sign-in was already used, took too long, or started in another browser.", "unknown state")


class ProviderError(SignInError):
    """The provider is away, or doesn't do as it should."""

    status = 502
