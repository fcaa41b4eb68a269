from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.people.confirmation_codes import ALPHABET, codes_match, format_code

SECRETS = st.binary(min_size=5, max_size=32)


@given(SECRETS)
def test_a_code_is_eight_letters_that_nobody_takes_for_others(secret: bytes) -> None:
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", format_code(secret))


@given(st.sets(st.binary(min_size=5, max_size=5), min_size=2, max_size=2))
def test_other_secrets_have_other_codes(secrets: set[bytes]) -> None:
    assert len({format_code(secret) for secret in secrets}) == 2


@given(SECRETS)
def test_a_code_is_read_however_it_is_typed(secret: bytes) -> None:
    code = format_code(secret)
    for typed in (
        code.lower(), code.replace("-", ""), code.replace("-", " "), f"  {code} ", "-".join(code),
        code.replace("0", "O").replace("1", "l"), code.replace("1", "i").lower(),
    ):
        assert codes_match(code, typed)


@given(SECRETS, st.sampled_from([0, 1, 2, 3, 5, 6, 7, 8]), st.sampled_from(ALPHABET))
def test_one_wrong_letter_makes_it_another_code(secret: bytes, place: int, letter: str) -> None:
    code = format_code(secret)
    changed = f"{code[:place]}{letter}{code[place + 1:]}"
    assert codes_match(code, changed) is (changed == code)


@pytest.mark.parametrize("typed", ["", "ABCD", "ABCD-EFGH-JKMN", "ÄBCD-EFGH", "\ud800", "confirm"])
def test_anything_else_is_another_code(typed: str) -> None:
    assert not codes_match(format_code(b"secret"), typed)
