from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.sources.webhook_headers import HARMLESS, MAX_VALUE, without_secrets

SECRET = "planted-2f4ab9c1e7a1"

KEPT = {
    "Content-Type": "application/json", "user-agent": "Go-http-client/1.1", "X-GitHub-Event": "push",
    "x-forgejo-delivery": "94bcaa11", "X-Discourse-Instance": "https://discussion.example.org",
    "x-gitlab-event-uuid": "1e1650fc",
}

#: Whatever publishers send under names that aren't known to be harmless.
NAMES = st.sampled_from([
    "authorization", "Authorization", "PROXY-AUTHORIZATION", "cookie", "X-Gitlab-Token", "X-Hub-Signature",
    "X-Hub-Signature-256", "x-forgejo-signature", "X-Discourse-Event-Signature", "x-api-key",
    "X-Amzn-Oidc-Data", "x-real-ip", "forwarded", "x-github-event ", "x-github\u212bevent",
]) | st.text().filter(lambda name: name.lower() not in HARMLESS)


@pytest.mark.parametrize(("headers", "beside"), [("headers", "body"), ("webhook_headers", "webhook_body")])
@given(names=st.sets(NAMES, max_size=8))
def test_of_a_webhook_only_harmless_headers_stay(headers: str, beside: str, names: set[str]) -> None:
    body = {headers: {**dict.fromkeys(names, SECRET), **KEPT}, beside: {"ref": "main"}, "agent": "mary"}
    given_body = copy.deepcopy(body)

    assert without_secrets(body) == {headers: KEPT, beside: {"ref": "main"}, "agent": "mary"}
    assert body == given_body


@pytest.mark.parametrize("headers", [
    None, [], [["authorization", SECRET]], SECRET, 7, {"user-agent": [SECRET]},
    {"user-agent": "x" * (MAX_VALUE + 1)}, {"user-agent": {"a": SECRET}},
])
def test_headers_of_another_shape_are_dropped(headers: Any) -> None:
    assert without_secrets({"headers": headers, "body": {}}) == {"headers": {}, "body": {}}


def test_a_name_that_is_written_in_two_ways_stays_once() -> None:
    headers = {"x-github-event": "push", "X-GitHub-Event": SECRET}

    assert without_secrets({"headers": headers, "body": {}})["headers"] == {"x-github-event": "push"}


def test_the_secret_that_old_versions_of_gitea_repeat_is_dropped() -> None:
    body = {"headers": {}, "body": {"secret": SECRET, "ref": "main"}}

    assert without_secrets(body) == {"headers": {}, "body": {"ref": "main"}}


def test_other_bodies_with_headers_lose_only_those_that_are_named_like_secrets() -> None:
    body = {"bug": {"id": 4}, "headers": {"message-id": "7", "esbMessageType": "bug", "Api-Key": SECRET}}

    assert without_secrets(body) == {
        "bug": {"id": 4}, "headers": {"message-id": "7", "esbMessageType": "bug"}}
    assert without_secrets({"bug": {}, "headers": SECRET}) == {"bug": {}, "headers": {}}


@given(st.recursive(
    st.none() | st.booleans() | st.text() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["headers", "body", "webhook_headers", "webhook_body", "secret", "agent"]), inner),
    max_leaves=12))
def test_any_body_is_taken_and_stays_json(body: Any) -> None:
    cleaned = without_secrets(body)

    assert json.loads(json.dumps(cleaned)) == cleaned
    assert without_secrets(cleaned) == cleaned
    if not isinstance(body, dict) or not {"headers", "webhook_headers"} & set(body):
        assert cleaned is body
