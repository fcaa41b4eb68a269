"""Outcomes of webhook deliveries. Each is a metric label, an HTTP status and a sentence."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from fmn.translations import mark


class Outcome(StrEnum):
    """What became of a delivery: the code, the status that the forge gets, and a sentence."""

    _value_: str
    status: int
    sentence: str

    def __new__(cls, word: str, status: int, sentence: str) -> Self:
        outcome = str.__new__(cls, word)
        outcome._value_ = word
        outcome.status = status
        outcome.sentence = sentence
        return outcome

    ACCEPTED = "accepted", 202, mark("Stored. People are notified now.")
    KNOWN = "known", 200, mark("This delivery came before. Nothing was changed.")
    PING = "ping", 200, mark("The address and the secret are right.")
    PRIVATE = "private", 200, mark(
        "Not stored: it is private, and this webhook takes only what everybody may see.")

    # One outcome for strangers: nobody learns which names exist.
    NOT_FOUND = "not-found", 404, mark(
        "There is no such webhook, or the secret is wrong. Compare both with FMN.")
    EXPIRED = "expired", 403, mark("The signed time is more than 5 minutes off. Set the clock of the forge.")
    DISABLED = "disabled", 403, mark("An administrator of FMN has disabled this webhook.")
    RATE_LIMITED = "rate-limited", 429, mark("This webhook has sent too many deliveries. Try again later.")
    CONTENT_TYPE = "content-type", 415, mark("Choose application/json as content type.")
    NO_EVENT = "no-event", 400, mark(
        "The header that names the event is missing. Choose the format of this forge.")
    UNREADABLE = "unreadable", 400, mark("The payload is no JSON object, or is nested too deeply.")
    TOO_LARGE = "too-large", 413, mark("The payload is larger than FMN takes (fmn.hooks.max_body_bytes).")
    UNAVAILABLE = "unavailable", 503, mark("FMN can't store anything at the moment. Deliver it again later.")

    @property
    def rejected(self) -> bool:
        """Whether the forge gets an error."""
        return self.status >= 400  # noqa: PLR2004 - HTTP's


class NotStoredError(Exception):
    """A delivery isn't stored. ``retry_after`` is in seconds, 0 if repeating it is of no use."""

    def __init__(self, outcome: Outcome, retry_after: int = 0) -> None:
        super().__init__(outcome.sentence)
        self.outcome, self.retry_after = outcome, retry_after
