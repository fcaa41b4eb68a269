"""How a rate is written in an ini file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.settings import SettingsError, settings_from
from fmn.settings.request_limits import LARGEST_AMOUNT, UNITS, RateLimit


@given(st.integers(1, LARGEST_AMOUNT), st.sampled_from(list(UNITS)))
def test_a_rate_is_a_number_per_unit(amount: int, unit: str) -> None:
    assert RateLimit.parse(f" {amount}  per {unit}") == RateLimit(amount, UNITS[unit])


@pytest.mark.parametrize("text", [
    "", "60", "60 per", "60/minute", "60 per minutes", "0 per minute", "-1 per minute", "1.5 per hour",
    "1000001 per day", "60 per 2 minutes", "\N{ARABIC-INDIC DIGIT ONE}" * 99 + " per minute"])
def test_anything_else_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(SettingsError, match=r"fmn\.limits\.reads = .*such as 60 per minute"):
        settings_from({"fmn.limits.reads": text})


def test_settings_say_the_rates() -> None:
    limits = settings_from({"fmn.limits.writes": "3 per hour"}).limits

    assert limits.writes == RateLimit(3, 3600)
    assert limits.reads == RateLimit(600, 60)
