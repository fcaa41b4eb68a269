from __future__ import annotations

from pathlib import Path

import pytest

from fmn.sources.errors import BusError
from fmn.sources.fedmsg.routing_policy import RoutingPolicy
from fmn.sources.rejection import MessageRejectedError, RejectionReason


@pytest.mark.parametrize(("topic", "signer", "nitpicky", "accepted"), [
    ("a.b", "alice", False, True),
    ("a.b", "alice", True, True),
    ("a.b", "mallory", False, False),
    ("a.b", "mallory", True, False),
    ("a.b.c", "mallory", False, True),
    ("a.b.c", "alice", True, False),
    ("a", "mallory", False, True),
    ("closed", "alice", False, False),
])
def test_topic_and_signer_decide(topic: str, signer: str, nitpicky: bool, accepted: bool) -> None:
    policy = RoutingPolicy({"a.b": ["alice", "bob"], "closed": []}, nitpicky=nitpicky)

    if accepted:
        policy.check(topic, signer)
    else:
        with pytest.raises(MessageRejectedError) as rejected:
            policy.check(topic, signer)
        assert rejected.value.reason is RejectionReason.NOT_ALLOWED


def test_a_policy_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.write_text('{"a.b": ["alice"]}')
    policy = RoutingPolicy.load(path, nitpicky=True)

    policy.check("a.b", "alice")
    with pytest.raises(MessageRejectedError, match="the policy names nobody for a"):
        policy.check("a", "alice")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "5", '{"a": "alice"}', '{"a": [5]}', '{"a": null}', "[" * 100_000])
def test_a_file_that_is_no_policy_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "policy.json"
    path.write_text(text)

    with pytest.raises(BusError, match=r"policy\.json: "):
        RoutingPolicy.load(path)


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.write_bytes(b"\xff\xfe")

    with pytest.raises(BusError, match="isn't JSON"):
        RoutingPolicy.load(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BusError, match=r"none\.json: can't be read: No such file"):
        RoutingPolicy.load(tmp_path / "none.json")
