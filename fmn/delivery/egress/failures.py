"""Sentences with which deliveries over HTTP fail. Rows keep them in English, pages translate them."""

from __future__ import annotations

from typing import Final

from fmn.translations import mark

COOLDOWN: Final = mark("{where} didn't answer in time a moment ago, or asked to be left alone")
TIMED_OUT: Final = mark("{where} didn't answer in time")
NOT_ALLOWED: Final = mark("nothing is sent to {where}: {reason}")
CONNECTION_FAILED: Final = mark("{where} can't be talked to: {reason}")
ANSWERED: Final = mark("the server answered {status}")
REDIRECTED: Final = mark(
    "the server answered {status}, but only addresses that were confirmed are sent anything")
#: Why nothing is sent somewhere.
FORBIDDEN_PORT: Final = mark("port {port} isn't one of those that are allowed here ({ports})")
NOT_PUBLIC: Final = mark("its address isn't public, and no other is allowed here")
FORBIDDEN_ADDRESS: Final = mark("its address isn't one of those that are allowed here")

FAILURES: Final = (
    COOLDOWN, TIMED_OUT, NOT_ALLOWED, CONNECTION_FAILED, ANSWERED, REDIRECTED, FORBIDDEN_PORT, NOT_PUBLIC,
    FORBIDDEN_ADDRESS)
