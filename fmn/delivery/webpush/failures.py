"""Sentences with which deliveries to browsers fail. Rows keep them in English, pages translate them."""

from __future__ import annotations

from typing import Final

from fmn.delivery.egress import failures
from fmn.translations import mark

ENDED: Final = mark("this browser takes no more notifications from FMN")
OLD_KEY: Final = mark("this browser knows FMN by a key that isn't in use any more")

FAILURES: Final = (ENDED, OLD_KEY, *failures.FAILURES)
