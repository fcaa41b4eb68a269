from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from fmn.infra.public_ids import PublicId
from fmn.sources.webhooks.forges import FORGES
from fmn.sources.webhooks.secrets import hook_secret
from fmn.sources.webhooks.signatures import Headers, Proof, signed_time
from tests.factories.forges import DELIVERIES, Delivery, forgejo, github, gitlab, signed_gitlab
from tests.factories.messages import NOON

SECRET = hook_secret("of the web app", PublicId(1, 17), 1)
ANOTHER = hook_secret("of the web app", PublicId(1, 17), 2)


def lowered(headers: Headers) -> Headers:
    return {name.lower(): value for name, value in headers.items()}


def is_valid(delivery: Delivery, headers: Headers, secret: str = SECRET) -> bool:
    named = lowered(headers)
    return FORGES[delivery.forge].verify(named, Proof.of(named, delivery.body, secret))


ALL = {**DELIVERIES, "signed gitlab": signed_gitlab(NOON)}


@pytest.mark.parametrize("name", ALL)
def test_what_a_forge_signs_is_valid_and_nothing_else(name: str) -> None:
    delivery = ALL[name]
    signature = delivery.sign(SECRET, delivery.body)
    (shown, *_) = signature

    assert is_valid(delivery, delivery.signed(SECRET))
    assert not is_valid(delivery, delivery.signed(ANOTHER))
    assert not is_valid(delivery, delivery.headers)
    for wrong in ("", "sha256=", signature[shown][:-1], signature[shown] + "0", "é", "v1,"):
        assert not is_valid(delivery, {**delivery.headers, shown: wrong})


@pytest.mark.parametrize("name", [name for name in ALL if name != "gitlab"])
def test_a_signature_is_of_these_bytes(name: str) -> None:
    delivery = ALL[name]

    changed = delivery.with_body(delivery.body + b" ")

    assert not is_valid(changed, {**changed.headers, **delivery.sign(SECRET, delivery.body)})


@pytest.mark.parametrize("name", ALL)
def test_a_signature_for_one_forge_is_none_for_another(name: str) -> None:
    delivery, headers = ALL[name], lowered(ALL[name].signed(SECRET))
    proof = Proof.of(headers, delivery.body, SECRET)

    # Forgejo also signs as GitHub does, for receivers that know GitHub alone.
    valid = {forge.name for forge in FORGES.values() if forge.verify(headers, proof)}
    assert valid == {"forgejo": {"forgejo", "github"}, "github": {"github", "forgejo"}}.get(
        delivery.forge if "gitea" not in name else "", {delivery.forge})


def test_a_wrong_header_isn_t_rescued_by_another_one() -> None:
    delivery = forgejo()

    assert not is_valid(delivery, {**delivery.signed(SECRET), "X-Forgejo-Signature": "0" * 64})
    signed = {**gitlab().signed(SECRET), "webhook-signature": "v1,wrong"}
    assert not is_valid(gitlab(), signed), "the token doesn't count beside a signature"


@pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp"])
def test_id_and_time_are_part_of_gitlab_s_signature(header: str) -> None:
    delivery = signed_gitlab(NOON)

    assert not is_valid(delivery, {**delivery.signed(SECRET), header: "1"})


def test_somebody_else_s_library_signs_as_gitlab_does() -> None:
    delivery = signed_gitlab(NOON)
    signature = Webhook(SECRET).sign("d-1", NOON, delivery.body.decode())

    assert is_valid(delivery, {**delivery.headers, "webhook-signature": f"v1,other {signature}"})
    assert signed_time(lowered(delivery.headers)) == NOON


@pytest.mark.parametrize("text", ["", "-1", "1e3", "²", "9" * 13, "9" * 12, "12.5", " 1"])
def test_what_is_no_time_is_none(text: str) -> None:
    assert signed_time({"webhook-timestamp": text}) is None


def test_a_time_is_in_seconds() -> None:
    assert signed_time({"webhook-timestamp": "0"}) == datetime(1970, 1, 1, tzinfo=UTC)


NAMES = sorted({name.lower() for each in ALL.values() for name in each.signed(SECRET)})


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=80)), st.binary(max_size=80))
def test_no_headers_whatsoever_are_a_signature(headers: dict[str, str], body: bytes) -> None:
    proof = Proof.of(headers, body, SECRET)

    assert not any(forge.verify(headers, proof) for forge in FORGES.values())


def test_github_s_example_of_a_signature() -> None:
    # From GitHub's documentation, where it's for trying out one's own code.
    proof = Proof.of({}, b"Hello, World!", "It's a Secret to Everybody")

    assert proof.digest == "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert is_valid(github(), github().signed(SECRET))
