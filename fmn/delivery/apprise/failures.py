"""Sentences with which deliveries to chat services fail. Rows keep them in English, pages translate them."""

from __future__ import annotations

from typing import Final

from fmn.delivery.egress import failures
from fmn.translations import mark

NOT_ALLOWED: Final = mark("nothing is sent to {service} there: {reason}")
REFUSED: Final = mark("{service} refused: {reason}")
NO_REASON: Final = mark("it doesn't say why")
COOLDOWN: Final = mark("it didn't answer in time a moment ago")

FAILURES: Final = (NOT_ALLOWED, REFUSED, NO_REASON, COOLDOWN, *failures.FAILURES)
