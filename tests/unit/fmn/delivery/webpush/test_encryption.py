"""Encryption of push messages: the example of the standard, and whatever else is sent."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from fmn.delivery.webpush.encryption import CURVE, MAX_PLAINTEXT_BYTES, RECORD_BYTES, encrypt
from tests.servers.push_service import Browser, decode, encode

BROWSER = Browser("https://push.example.net/1", "")


def private_key(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(decode(text)), CURVE)


def test_the_example_of_rfc_8291_comes_out_byte_by_byte() -> None:
    # Given what appendix A has
    browser = private_key("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")
    sender = private_key("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")
    # When the message is encrypted
    body = encrypt(
        b"When I grow up, I want to be a watermelon", browser.public_key(), decode("BTBZMqHH6r4Tts7J_aSIgg"),
        salt=decode("DGv6ra1nlYgDCS1FRnbzlw"), sender=sender)
    # Then it's what the appendix says
    assert encode(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
        "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
        "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN")


@given(st.binary(max_size=MAX_PLAINTEXT_BYTES))
@settings(max_examples=30)
def test_a_browser_reads_what_was_encrypted_for_it(text: bytes) -> None:
    body = encrypt(text, BROWSER.key.public_key(), BROWSER.auth)
    assert len(body) <= RECORD_BYTES
    assert BROWSER.decrypt(body) == text


def test_the_same_text_is_never_the_same_message() -> None:
    first, second = (encrypt(b"moss", BROWSER.key.public_key(), BROWSER.auth) for _ in range(2))
    assert first[:16] != second[:16]
    assert first[21:86] != second[21:86]


def test_a_text_that_does_not_fit_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="3994 bytes are too many"):
        encrypt(b"x" * (MAX_PLAINTEXT_BYTES + 1), BROWSER.key.public_key(), BROWSER.auth)
