from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.catalog import Message, catalog
from fmn.infra.public_ids import PublicId
from fmn.sources.webhooks.forges import FORGES
from fmn.sources.webhooks.outcomes import NotStoredError, Outcome
from fmn.sources.webhooks.payloads import FORM_TYPE, JSON_TYPE, HookConfig, HookRequest, message_of
from fmn.sources.webhooks.secrets import hook_secret
from tests.factories.forges import (
    DELIVERIES,
    ISSUE,
    MERGE_REQUEST,
    POST,
    TOPICS,
    Delivery,
    discourse,
    forgejo,
    github,
    github_form,
    gitlab,
    signed_gitlab,
)
from tests.factories.messages import NOON
from tests.vectors.json_values import objects

SECRET = hook_secret("of the web app", PublicId(1, 17), 1)
LATER = NOON.replace(hour=13)


def config(forge: str, *, logins: bool = True, private: bool = False) -> HookConfig:
    return HookConfig(
        "moss", FORGES[forge], "org.example.prod", logins_are_accounts=logins, private_too=private)


def request_of(delivery: Delivery) -> HookRequest:
    headers = {name.lower(): value for name, value in delivery.signed(SECRET).items()}
    return HookRequest(headers, headers["content-type"], delivery.body)


def read(delivery: Delivery, hook: HookConfig | None = None) -> Message:
    return message_of(hook or config(delivery.forge), request_of(delivery), LATER)


def refused(delivery: Delivery) -> Outcome:
    with pytest.raises(NotStoredError) as error:
        read(delivery)
    return error.value.outcome


@pytest.mark.parametrize("name", DELIVERIES)
def test_a_delivery_is_a_message_of_the_bus_s_topic(name: str) -> None:
    message = read(DELIVERIES[name])

    assert message.topic == f"org.example.prod.{TOPICS[name]}"
    assert (message.signer, message.source, message.sent_at) == ("hook:moss", "hook:moss", LATER)
    assert message.msg_id == ("158765" if name == "discourse" else "d-1")


def test_it_has_the_form_that_the_bus_has() -> None:
    message = read(github())

    assert message.body == {"body": ISSUE, "agent": "mary", "headers": {
        "content-type": "application/json", "user-agent": "GitHub-Hookshot/1c76dbe",
        "x-github-event": "issues", "x-github-delivery": "d-1"}}
    assert read(github_form()).body["body"] == ISSUE
    assert read(discourse()).body == {"webhook_body": POST, "webhook_headers": {
        "X-Discourse-Instance": "https://talk.example.org", "X-Discourse-Event": "post_created",
        "X-Discourse-Event-Type": "post", "X-Discourse-Event-Id": "158765"}}


@pytest.mark.parametrize("name", DELIVERIES)
def test_no_secret_is_stored(name: str) -> None:
    delivery = DELIVERIES[name].with_headers(
        Authorization="Bearer abc", X_Forwarded_For="192.0.2.1", Cookie="abc")
    text = json.dumps(read(delivery).body)

    assert not any(word in text for word in ("whsec_", "sha256=", "Bearer", "abc", "192.0.2.1"))
    assert not any(value in text for value in delivery.sign(SECRET, delivery.body).values())


def test_who_caused_it_is_the_agent_if_logins_are_accounts() -> None:
    assert [read(each).body["agent"] for each in (github(), forgejo(), gitlab())] == ["mary"] * 3
    assert read(github(), config("github", logins=False)).body["agent"] is None
    assert read(github({**ISSUE, "sender": {"login": "not a name\n"}})).body["agent"] is None
    assert read(github({"sender": ["mary"]})).body["agent"] is None
    assert read(gitlab({"user_username": "tom"}, "Push Hook")).body["agent"] == "tom"


def test_names_at_discourse_concern_nobody_here_unless_they_are_accounts() -> None:
    accounts, strangers = (
        catalog().facts(read(discourse(), config("discourse", logins=logins))) for logins in (True, False))

    assert accounts.usernames
    assert (strangers.agent, strangers.usernames) == (None, frozenset())
    assert strangers.event is accounts.event


def test_a_signed_time_is_the_message_s_and_a_signed_id_too() -> None:
    message = read(signed_gitlab(NOON, "msg-7"))

    assert (message.sent_at, message.msg_id) == (NOON, "msg-7")


@pytest.mark.parametrize("delivery", [
    github(delivery=""), github(delivery="\x1b"), github(delivery="a" * 201)])
def test_without_an_id_the_body_is_the_id(delivery: Delivery) -> None:
    msg_id = read(delivery).msg_id

    assert msg_id.startswith("body-")
    assert msg_id == read(delivery).msg_id != read(delivery.with_body(b"{}")).msg_id


@pytest.mark.parametrize("delivery", [
    github({}, "ping"), discourse({"ping": "OK"}, "ping", "ping"), github(event="Ping")])
def test_a_ping_says_nothing(delivery: Delivery) -> None:
    assert refused(delivery) is Outcome.PING


@pytest.mark.parametrize("delivery", [
    github(event=""), github(event="a.b"), github(event="é"), github(event="a" * 65), discourse(kind=""),
    discourse(event="../x"), gitlab(event="Merge Request Hook\0")])
def test_an_event_s_name_is_a_word(delivery: Delivery) -> None:
    assert refused(delivery) is Outcome.NO_EVENT


def private(payload: Mapping[str, Any], **part: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**payload, **{name: {**payload.get(name, {}), **more} for name, more in part.items()}}


@pytest.mark.parametrize("delivery", [
    github(private(ISSUE, repository={"private": True})),
    forgejo(private(ISSUE, repository={"private": True})),
    forgejo(private(ISSUE, repository={"internal": True})),
    forgejo({"action": "failure", "run": {"repository": {"private": True}}}, "action_run_failure"),
    gitlab(private(MERGE_REQUEST, project={"visibility_level": 0})),
    gitlab(private(MERGE_REQUEST, project={"visibility_level": 10})),
    gitlab(private(MERGE_REQUEST, object_attributes={"confidential": True})),
    gitlab({**MERGE_REQUEST, "event_type": "confidential_note"}),
    discourse(private(POST, post={"topic_archetype": "private_message"})),
    discourse({"topic": {"archetype": "private_message"}}, "topic", "topic_created"),
])
def test_what_is_private_there_is_taken_only_if_that_s_meant(delivery: Delivery) -> None:
    assert refused(delivery) is Outcome.PRIVATE
    assert read(delivery, config(delivery.forge, private=True)).body


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"a":' * 101 + b"1" + b"}" * 101])
def test_what_is_no_object_is_unreadable(body: bytes) -> None:
    assert refused(github().with_body(body)) is Outcome.UNREADABLE


@pytest.mark.parametrize("body", [
    b"", b"payload=", b"payload=%5B%5D", b"other=%7B%7D", b"\xff", b"a=1&" * 10])
def test_a_form_without_a_payload_is_unreadable(body: bytes) -> None:
    assert refused(github().with_body(body, FORM_TYPE)) is Outcome.UNREADABLE


@pytest.mark.parametrize("content_type", ["", "text/plain", "multipart/form-data", "application/xml"])
def test_other_content_types_are_refused(content_type: str) -> None:
    assert refused(github().with_body(b"{}", content_type)) is Outcome.CONTENT_TYPE


def test_what_databases_refuse_is_repaired() -> None:
    message = read(github().with_body(b'{"a": "\\u0000\\ud800", "b": NaN}'))

    assert message.body["body"] == {"a": "\ufffd\ufffd", "b": None}


WORDS = st.text(max_size=20) | st.sampled_from(["push", "Issue Hook", "ping", "post_created", "", "\0"])
NAMES = st.sampled_from(sorted(
    {name.lower() for each in DELIVERIES.values() for name in each.headers}
    | {"webhook-id", "webhook-signature"}))


@given(
    st.sampled_from(list(FORGES)), st.dictionaries(NAMES, WORDS), st.sampled_from([JSON_TYPE, FORM_TYPE, ""]),
    st.binary(max_size=80) | objects.map(lambda value: json.dumps(value).encode()))
def test_whatever_is_sent_is_a_message_that_can_be_stored_or_an_outcome(
    forge: str, headers: dict[str, str], content_type: str, body: bytes,
) -> None:
    with suppress(NotStoredError):
        message = message_of(config(forge), HookRequest(headers, content_type, body), NOON)
        assert json.loads(json.dumps(message.body, allow_nan=False)) == message.body
        assert message.topic.startswith(f"org.example.prod.{forge}.")
        assert message.topic.isprintable()
        assert 0 < len(message.msg_id) <= 200
        assert message.msg_id.isprintable()
