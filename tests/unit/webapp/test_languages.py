"""Sentences with markup in their placeholders."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from webapp.languages import fill


def test_markup_is_filled_into_a_sentence() -> None:
    filled = fill("Read {start}help & more{end}", start=Markup('<a href="/help">'), end=Markup("</a>"))

    assert filled == 'Read <a href="/help">help &amp; more</a>'


@given(st.text())
def test_whatever_is_not_markup_is_escaped(text: str) -> None:
    assert fill("<{text}>", text=text) == f"&lt;{escape(text)}&gt;"
