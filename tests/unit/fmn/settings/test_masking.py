"""Passwords in URLs, which nobody is to see."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.settings.masking import masked


@pytest.mark.parametrize(("url", "shown"), [
    ("amqp://fmn:secret@host:5672/fmn", "amqp://fmn:…@host:5672/fmn"),
    ("redis://:secret@host:6379/0", "redis://:…@host:6379/0"),
    ("redis://host:6379/0", "redis://host:6379/0"),
    ("unix:///run/redis.sock?db=1&password=secret", "unix:///run/redis.sock?db=1&password=…"),
    ("postgresql://host/fmn?user=fmn&password=se'cret&sslmode=require",
     "postgresql://host/fmn?user=fmn&password=…'cret&sslmode=require"),
    ("can't reach amqp://fmn:secret@host or redis://:secret@host", "can't reach amqp://fmn:…@host or redis://:…@host"),
    ("sqlite:////srv/fmn@2x.sqlite", "sqlite:////srv/fmn@2x.sqlite"),
    ("https://example.org/a:b@c", "https://example.org/a:b@c"),
])
def test_a_password_is_left_out_and_nothing_else(url: str, shown: str) -> None:
    assert masked(url) == shown


@given(st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1))
def test_whatever_the_password_is_made_of(password: str) -> None:
    assert masked(f"amqp://fmn:{password}@host/fmn") == "amqp://fmn:…@host/fmn"
