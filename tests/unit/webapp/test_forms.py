"""What somebody typed, read into a form, or what's wrong with it in words for people."""

from __future__ import annotations

from datetime import date, time
from enum import StrEnum
from typing import Annotated, Literal, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, field_validator, model_validator
from webob.multidict import MultiDict

from webapp.forms import WHOLE_FORM, Form, FormError, read_form


class Colour(StrEnum):
    RED = "red"


class Order(Form):
    """A bit of everything."""

    name: Annotated[str, Field(min_length=1, max_length=5)]
    count: Annotated[int, Field(ge=1, le=9)] = 1
    weight: Annotated[float, Field(gt=0, lt=10, allow_inf_nan=False)] | None = None
    at: time | None = None
    day: date | None = None
    size: Literal["small", "large"] = "small"
    colour: Colour | None = None
    extras: Annotated[list[str], Field(max_length=2)] = Field(default_factory=list)
    wrapped: bool = False

    @field_validator("name")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name == "x":
            raise ValueError("nobody is called this")
        return name

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.size == "small" and self.count > 5:
            raise ValueError("So many don't fit, do they?")
        return self


def typed(*pairs: tuple[str, object]) -> MultiDict[str, str]:
    return MultiDict(pairs)  # type: ignore[arg-type] # browsers may send files


def problems(*pairs: tuple[str, object]) -> dict[str, str]:
    with pytest.raises(FormError) as error:
        read_form(Order, typed(*pairs))
    return dict(error.value.by_field)


def test_reads_what_fits() -> None:
    order = read_form(Order, typed(
        ("csrf_token", "…"), ("name", " ann "), ("count", "3"), ("weight", "1.5"), ("at", "08:30"),
        ("day", "2026-05-04"), ("size", "large"), ("colour", "red"), ("extras", "a"), ("extras", "b"),
        ("wrapped", "true")))
    assert order == Order(
        name="ann", count=3, weight=1.5, at=time(8, 30), day=date(2026, 5, 4), size="large",
        colour=Colour.RED, extras=["a", "b"], wrapped=True)


def test_what_was_left_empty_counts_as_not_there() -> None:
    order = read_form(Order, typed(("name", "ann"), ("count", ""), ("at", ""), ("extras", "")))
    assert order == Order(name="ann")


def test_of_what_comes_several_times_the_last_counts() -> None:
    # as with a hidden field that says what an unticked box means
    assert read_form(Order, typed(("name", "ann"), ("wrapped", "false"), ("wrapped", "true"))).wrapped


@pytest.mark.parametrize(("field", "value", "sentence"), [
    ("name", "", "Fill in this field."),
    ("name", "   ", "Fill in this field."),
    ("name", "too long", "Enter at most 5 characters."),
    ("name", "x", "Nobody is called this."),
    ("name", object(), "Enter text."),
    ("count", "many", "Enter a whole number."),
    ("count", "1.5", "Enter a whole number."),
    ("count", "9" * 5000, "Enter a smaller number."),
    ("count", "0", "Enter 1 or more."),
    ("count", "10", "Enter 9 or less."),
    ("weight", "heavy", "Enter a number."),
    ("weight", "nan", "Enter a number."),
    ("weight", "0", "Enter a number greater than 0.0."),
    ("weight", "10", "Enter a number less than 10.0."),
    ("at", "noon", "Enter a time of day, for example 08:00."),
    ("at", "25:00", "Enter a time of day, for example 08:00."),
    ("day", "tomorrow", "Enter a date, for example 2026-03-14."),
    ("size", "huge", "Choose one of the options."),
    ("colour", "blue", "Choose one of the options."),
    ("wrapped", "perhaps", "This value isn’t valid. Enter a different one."),
])
def test_says_what_is_wrong_with_a_field(field: str, value: object, sentence: str) -> None:
    filled = {"name": "ann", field: value}
    assert problems(*filled.items()) == {field: sentence}


def test_says_it_of_every_field_and_of_the_whole() -> None:
    assert problems(("count", "x"), ("extras", "a"), ("extras", "b"), ("extras", "c")).keys() == {
        "name", "count", "extras"}
    assert problems(("name", "ann"), ("count", "6")) == {WHOLE_FORM: "So many don't fit, do they?"}


@given(st.lists(st.tuples(st.sampled_from([*Order.model_fields, "other"]), st.text(max_size=8))))
def test_whatever_is_typed_is_read_or_answered_in_words(pairs: list[tuple[str, str]]) -> None:
    try:
        found: dict[str, str] = dict(read_form(Order, typed(*pairs)).model_extra or {})
    except FormError as error:
        found = dict(error.by_field)
    assert found.keys() <= {*Order.model_fields, WHOLE_FORM}
    for sentence in found.values():
        assert sentence[0].isupper()
        assert sentence.endswith((".", "?"))
        assert "Input" not in sentence
        assert "{" not in sentence
