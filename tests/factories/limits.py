"""Limits that no test reaches without meaning to."""

from __future__ import annotations

from typing import Final

from fmn.settings.request_limits import LARGEST_AMOUNT, LimitSettings, RateLimit

_ANY: Final = RateLimit(LARGEST_AMOUNT, 1)
NO_LIMITS: Final = LimitSettings(
    reads=_ANY, writes=_ANY, costly=_ANY, anonymous=_ANY, links=_ANY, at_once=100, anonymous_at_once=100)
