"""Messages whose right verdict is known: our own, and those of ``../shared``, judged by fedmsg itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fmn.settings import BusSettings
from fmn.sources.fedmsg.canonical import canonical_text, signed_part
from fmn.sources.fedmsg.parser import MessageParser
from fmn.sources.fedmsg.routing_policy import RoutingPolicy
from fmn.sources.fedmsg.signatures import SignatureVerifier
from fmn.sources.rejection import MessageRejectedError, RejectionReason

ROOT = Path(__file__).parents[5]
OURS = ROOT / "tests/vectors/signed"
SHARED = ROOT.parent / "shared/corpus/signed"


def lines(directory: Path) -> list[Any]:
    """The vectors in ``directory`` as parameters; one that skips if there is none."""
    path = directory / "vectors.jsonl"
    if not path.exists():
        reason = "needs ../shared/corpus, which lies beside the project in CI but isn't part of it"
        return [pytest.param({}, marks=pytest.mark.skip(reason=reason), id="missing")]
    vectors = map(json.loads, path.read_text().splitlines())
    return [pytest.param(vector, id=vector["name"]) for vector in vectors]


def message_parser(directory: Path, crl: str | None, policy: RoutingPolicy) -> MessageParser:
    authority = SignatureVerifier(directory / "ca.pem", None if crl is None else directory / crl)
    return MessageParser(BusSettings(), authority, policy)


@pytest.mark.parametrize("vector", lines(OURS))
def test_our_vectors_have_the_verdict_that_they_name(vector: dict[str, Any]) -> None:
    policy = RoutingPolicy(vector["routing_policy"], nitpicky=vector["routing_nitpicky"])
    frames = [frame.encode() for frame in vector["frames"]]
    reason = None
    try:
        message = message_parser(OURS, vector["crl"], policy).parse(frames)
        assert message.topic == vector["frames"][0]
        assert message.signer.endswith(".example.org")
    except MessageRejectedError as error:
        reason = error.reason

    assert reason == vector["reason"], vector["why"]


def test_our_vectors_have_an_example_of_every_reason_about_signatures() -> None:
    named = {vector.values[0]["reason"] for vector in lines(OURS)}
    about_signatures = set(list(RejectionReason)[list(RejectionReason).index(RejectionReason.UNSIGNED):])

    assert named >= about_signatures - {RejectionReason.AUTHORITY_UNUSABLE}


@pytest.mark.parametrize("vector", lines(SHARED))
def test_fedmsg_and_we_agree_on_every_shared_vector(vector: dict[str, Any]) -> None:
    message, config = vector["message"], vector["config"]
    crl = config.get("crl", "crl.pem")
    authority = SignatureVerifier(SHARED / "ca.pem", crl and SHARED / crl)
    policy = RoutingPolicy(config.get("routing_policy"), nitpicky=config.get("routing_nitpicky", False))
    valid = True
    try:
        policy.check(message["topic"], authority.verify(message))
    except MessageRejectedError:
        valid = False

    assert valid is vector["valid"], vector["why"]
    assert canonical_text(signed_part(message)).decode("ascii") == vector["signed_text"]


@pytest.mark.parametrize("vector", lines(SHARED))
def test_the_intake_differs_from_fedmsg_only_where_fedmsg_is_wrong(vector: dict[str, Any]) -> None:
    config = vector["config"]
    policy = RoutingPolicy(config.get("routing_policy"), nitpicky=config.get("routing_nitpicky", False))
    frames = [vector["message"]["topic"].encode(), json.dumps(vector["message"]).encode()]
    valid = True
    try:
        message_parser(SHARED, config.get("crl", "crl.pem"), policy).parse(frames)
    except MessageRejectedError:
        valid = False

    # A message from a publisher with a store never validates in fedmsg, as it forgets to remove seq_id.
    assert valid is (vector["valid"] or vector["name"] == "seq-id-added-after-signing"), vector["why"]
