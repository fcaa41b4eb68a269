"""The picture of a delivery's states says what the code does."""

from __future__ import annotations

import ast
import runpy
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest

from fmn.ledger.models import DeliveryState

PROJECT: Final = Path(__file__).parents[3]
PICTURE: Final = runpy.run_path(str(PROJECT / "docs" / "_ext" / "delivery_states.py"))
TRANSITIONS: Final = PICTURE["TRANSITIONS"]
#: Is given the state by whoever calls it.
FINISH: Final = ("fmn.ledger.deliveries", "finish")


def values_of_states(tree: ast.AST) -> Iterator[ast.expr]:
    """What is given to something called ``state``: as an argument, in a dictionary, or by assignment."""
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="state"):
                yield node.value
            case ast.Dict():
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and key.value == "state":
                        yield value
            case ast.Assign():
                if any(isinstance(each, ast.Attribute) and each.attr == "state"
                       for target in node.targets for each in ast.walk(target)):
                    yield node.value


def written_states() -> set[tuple[str, str]]:
    """Modules of FMN with the states of deliveries that they write."""
    return {
        (".".join(path.relative_to(PROJECT).with_suffix("").parts), DeliveryState[each.attr].value)
        for path in (PROJECT / "fmn").rglob("*.py")
        for value in values_of_states(ast.parse(path.read_text(encoding="utf-8")))
        for each in ast.walk(value)
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name)
        and each.value.id == "DeliveryState"}


def test_every_state_is_in_the_picture_and_nothing_else() -> None:
    states = {each.value for each in DeliveryState}

    assert {each.end for each in TRANSITIONS} == states
    assert {each.start for each in TRANSITIONS} - {PICTURE["NEW"]} <= states
    assert all(f'label="{state}"' in PICTURE["draw"]() for state in states)


@pytest.mark.parametrize("each", TRANSITIONS, ids=lambda each: f"{each.start}-{each.end}-{each.function}")
def test_every_arrow_is_of_a_function_that_is_there(each: Any) -> None:
    assert callable(getattr(import_module(each.module), each.function))


def test_every_state_that_the_code_writes_is_the_end_of_an_arrow_of_that_module() -> None:
    drawn = {
        (each.module, each.end) for each in TRANSITIONS
        if (each.module, each.function) != FINISH and each.start != each.end}

    assert drawn == written_states()


def test_every_arrow_is_told_in_words() -> None:
    described = PICTURE["describe"]()

    assert all(" ".join(each.cause.split()) in described for each in TRANSITIONS)
