"""Errors of sign-in, with the sentence that the page shows."""

from __future__ import annotations

from fmn.translations import gettext


class SignInError(Exception):
    """Failed sign-in: the text is for the person, ``detail`` for the log and without secrets."""

    #: What the page answers with.
    status = 403

    def __init__(self, sentence: str, detail: str = "") -> None:
        super().__init__(sentence)
        self.detail = detail


class StaleAttemptError(SignInError):
    """The returned state matches no pending sign-in of this browser."""

    status = 400

    def __init__(self) -> None:
        super().__init__(
            gettext("This sign-in was already used, took too long, or started in another browser."),
            "unknown state")


class ProviderError(SignInError):
    """The provider is unreachable or its response is invalid."""

    status = 502
