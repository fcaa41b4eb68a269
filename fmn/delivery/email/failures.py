"""Sentences with which mails fail. Rows keep them in English, pages translate them."""

from __future__ import annotations

from typing import Final

from fmn.translations import mark

REFUSED: Final = mark("the mail server refused: {answer}")
NO_ANSWER: Final = mark("the mail server didn't answer {step}: {reason}")
UNCONFIRMED: Final = mark(
    "the connection broke before the mail server confirmed the mail, which may have arrived")
NOT_ASCII: Final = mark("the mail server can't take an address that isn't ASCII: {address}")
TOO_LATE: Final = mark("there was no time left in which it could have been handed over")
UNREACHABLE: Final = mark("the mail server {server} can't be reached: {reason}")
NO_LOGIN: Final = mark("the mail server {server} doesn't let us in: {reason}")

FAILURES: Final = (REFUSED, NO_ANSWER, UNCONFIRMED, NOT_ASCII, TOO_LATE, UNREACHABLE, NO_LOGIN)
