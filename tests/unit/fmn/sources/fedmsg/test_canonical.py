from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given

from fmn.sources.fedmsg.canonical import as_received, canonical_text, signed_part
from tests.vectors.json_values import objects, texts

SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


def spelled(value: Any) -> str:
    """The canonical text written out rule by rule, with no help of a JSON library."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        names = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
        return names.get(repr(value), repr(value))
    if isinstance(value, str):
        return f'"{"".join(map(spelled_character, value))}"'
    if isinstance(value, list):
        return f"[{','.join(map(spelled, value))}]"
    pairs = sorted(value.items(), key=lambda pair: [ord(character) for character in pair[0]])
    return f"{{{','.join(f'{spelled(key)}:{spelled(child)}' for key, child in pairs)}}}"


def spelled_character(character: str) -> str:
    if character in SHORT_ESCAPES:
        return SHORT_ESCAPES[character]
    if " " <= character <= "~":
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


@given(objects)
def test_the_canonical_text_follows_the_rules_one_by_one(body: dict[str, Any]) -> None:
    assert canonical_text(body).decode("ascii") == spelled(body)


@given(objects)
def test_what_is_read_back_has_the_same_canonical_text(body: dict[str, Any]) -> None:
    text = canonical_text(body)

    assert canonical_text(json.loads(text)) == text


@given(objects)
def test_order_and_spacing_on_the_wire_do_not_matter(body: dict[str, Any]) -> None:
    relayed = json.dumps(dict(reversed(body.items())), indent=2)

    assert canonical_text(json.loads(relayed)) == canonical_text(json.loads(json.dumps(body)))


@given(texts)
def test_a_text_is_spelled_in_printable_ascii(text: str) -> None:
    spelling = canonical_text({"text": text}).decode("ascii")

    assert spelling.isprintable()


@pytest.mark.parametrize(("value", "spelling"), [
    ({"10": 1, "9": 2, "Z": 3, "a": 4, "é": 5, "z": 6}, '{"10":1,"9":2,"Z":3,"a":4,"z":6,"\\u00e9":5}'),
    ({"\uffff": 1, "\U0001f600": 2}, '{"\\uffff":1,"\\ud83d\\ude00":2}'),
    ({"a": "/\x7f\x01\u2028"}, '{"a":"/\\u007f\\u0001\\u2028"}'),
    ({"a": [5, 5.0, 0.25, 1e-5, 1e16, 1e15, -0.0]}, '{"a":[5,5.0,0.25,1e-05,1e+16,1000000000000000.0,-0.0]}'),
    ({"a": 10 ** 30}, '{"a":1000000000000000000000000000000}'),
    ({"a": [math.nan, math.inf, -math.inf]}, '{"a":[NaN,Infinity,-Infinity]}'),
])
def test_examples(value: dict[str, Any], spelling: str) -> None:
    assert canonical_text(value).decode("ascii") == spelling


def test_everything_but_signature_and_certificate_is_signed() -> None:
    body = {"topic": "a", "signature": "b", "certificate": "c", "crypto": "x509", "headers": {}}

    assert signed_part(body) == {"topic": "a", "crypto": "x509", "headers": {}}


def test_a_body_is_signed_with_the_keys_that_receivers_will_see() -> None:
    assert list(as_received({"msg": {9: "nine", 10: "ten"}})["msg"]) == ["9", "10"]
    assert as_received({"msg": (1, 2)}) == {"msg": [1, 2]}
