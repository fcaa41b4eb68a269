"""Publishing events: what is stored, what's answered, and who may."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from cloudevents.core.bindings.http import HTTPMessage, to_binary_event, to_structured_event
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, status_code_conformance
from sqlalchemy import select
from webtest import TestApp, TestResponse

from fmn.infra.db import Database
from fmn.ledger.models import StoredMessage
from fmn.people.accounts import get_or_create_account
from fmn.people.api_tokens import create_token
from fmn.people.models import User
from fmn.settings.request_limits import RateLimit
from fmn.sources.cloudevents.parser import BATCH, STRUCTURED
from fmn.wiring import Services
from tests.integration.webapp.api.test_fuzz import CHECKS
from tests.integration.webapp.signing_in import new_browser
from tests.integration.webapp.test_tokens import make, shown_in
from webapp.api.request_parsing import LARGEST_BODY
from webapp.api.views import cached_document

EVENT: Mapping[str, Any] = {
    "specversion": "1.0", "id": "1", "source": "https://garden.example.org", "type": "garden.plant.watered",
    "time": "2026-03-14T09:26:53Z", "subject": "bed 1", "data": {"plant": "moss"}}


class Publisher:
    """A program with an administrator's token, and what it had matched."""

    def __init__(self, services: Services, nick: str = "root", name: str = "ci") -> None:
        self.services, self.matched = services, list[list[int]]()
        services.enqueue_match = self.matched.append
        with services.database.transaction() as session:
            user = get_or_create_account(session, nick, ["email"])
            _, self.token = create_token(session, user.id, name, ["publish"], None)
        self.app = new_browser(services, {"HTTP_AUTHORIZATION": f"Bearer {self.token}"})

    def post(self, body: Any, content_type: str = STRUCTURED, **headers: str) -> TestResponse:
        """Post a body; anything that isn't bytes is sent as JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.app.request(
            "/events", method="POST", body=data, headers={"Content-Type": content_type, **headers},
            expect_errors=True)

    def post_message(self, message: HTTPMessage) -> TestResponse:
        """Post what a library has made."""
        return self.app.request("/events", method="POST", body=message.body, headers=message.headers)

    def problem(self, body: Any, content_type: str = STRUCTURED, *, status: int, **headers: str) -> str:
        """The sentence with which something is refused."""
        answer = self.post(body, content_type, **headers)
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
        return str(answer.json["detail"])


@pytest.fixture
def publisher(services: Services) -> Publisher:
    return Publisher(services)


def messages(database: Database) -> Sequence[StoredMessage]:
    with database.reading() as session:
        return session.scalars(select(StoredMessage).order_by(StoredMessage.id)).all()


def news(answer: TestResponse) -> list[bool]:
    assert answer.status_code == 202
    return [each["new"] for each in answer.json["events"]]


def test_an_event_is_stored_and_matched_once(publisher: Publisher, database: Database) -> None:
    answers = [publisher.post(EVENT), publisher.post({**EVENT, "type": "garden.changed.since"})]

    assert [news(answer) for answer in answers] == [[True], [False]]
    (stored,) = messages(database)
    assert (stored.topic, stored.category) == ("org.fedoraproject.prod.garden.plant.watered", "garden")
    assert (stored.signer, stored.source) == ("events:ci", "cloudevents:ci")
    assert (stored.body, stored.headers["subject"]) == ({"plant": "moss"}, "bed 1")
    assert (stored.sent_at.isoformat(), stored.late) == ("2026-03-14T09:26:53+00:00", True)
    assert answers[0].json["events"] == [{
        "source": EVENT["source"], "id": "1", "msg_id": stored.msg_id, "new": True}]
    assert publisher.matched == [[stored.id]]


def test_of_a_batch_all_are_taken_or_none(publisher: Publisher, database: Database) -> None:
    batch = [{**EVENT, "id": id_} for id_ in ("1", "2", "1")]
    wrong = [EVENT, {**EVENT, "id": "2", "type": "no topic"}]

    answer = publisher.post(wrong, BATCH)
    assert answer.status_code == 400
    assert answer.json["detail"].startswith("Event 2: The attribute type must be ")
    assert answer.json["errors"][0]["place"] == "/1/type"
    assert (messages(database), publisher.matched) == ([], [])

    assert publisher.problem([EVENT, {**EVENT, "time": "2999-01-01T00:00:00Z"}], BATCH, status=400) == (
        "Event 2: The attribute time is more than a day ahead: set the clock.")
    assert messages(database) == []

    assert news(publisher.post(batch, BATCH)) == [True, True, True]
    assert len(messages(database)) == 2
    assert news(publisher.post(batch, BATCH)) == [False, False, False]
    assert len(publisher.matched) == 1


def test_events_of_the_cloudevents_library_in_all_modes(publisher: Publisher, database: Database) -> None:
    def event(number: int) -> CloudEvent:
        return CloudEvent(attributes={
            "type": "garden.plant.watered", "source": "/bäds 1", "id": str(number), "team": "moss & co",
            "datacontenttype": "application/json"}, data={"plant": "möss"})

    structured, binary, in_batch = to_structured_event(event(1)), to_binary_event(event(2)), event(3)
    for message in (structured, binary):
        assert news(publisher.post_message(message)) == [True]
    assert news(publisher.post(b"[" + JSONFormat().write(in_batch) + b"]", BATCH)) == [True]

    found = messages(database)
    assert [each.headers["id"] for each in found] == ["1", "2", "3"]
    assert {(each.headers["team"], each.headers["source"], each.body["plant"]) for each in found} == {
        ("moss & co", "/bäds 1", "möss")}


def test_identical_events_of_two_tokens_are_two(services: Services, database: Database) -> None:
    for publisher in (Publisher(services), Publisher(services, name="garden")):
        assert news(publisher.post(EVENT)) == [True]
    assert [each.signer for each in messages(database)] == ["events:ci", "events:garden"]


def test_what_cannot_be_taken_is_refused_with_a_sentence(publisher: Publisher, database: Database) -> None:
    assert publisher.problem(b"{", status=400).startswith("The body isn't JSON: ")
    assert publisher.problem({**EVENT, "data": "x"}, status=400) == "The data must be a JSON object."
    assert publisher.problem(b"x" * (LARGEST_BODY + 1), status=413) == (
        "The body can have at most 500,000 bytes.")
    assert publisher.problem({}, "application/json", status=415).startswith(f"Send {STRUCTURED}, ")
    assert publisher.problem(EVENT, status=415, **{"Content-Encoding": "gzip"}) == (
        "Send the body uncompressed, without Content-Encoding.")
    assert publisher.app.get("/events", expect_errors=True).status_code == 405
    assert messages(database) == []


class TestWhoMay:
    def test_only_administrators_make_such_tokens(self, root: TestApp, alice: TestApp) -> None:
        page = alice.get("/account/tokens")
        assert "Publish events" not in page
        form = page.forms["make"]
        form["name"] = "ci"
        form["may"].force_value("publish")
        assert "Only administrators can create tokens that publish events." in form.submit(status=422)

        assert "Events are known by this name" in make(root, "My CI", may="publish")
        page = make(root, "ci", may="publish")
        assert shown_in(page).startswith("fmn_")
        assert "Publishes events" in page

    def test_a_name_is_one_token_s(self, services: Services, root: TestApp) -> None:
        services.settings = services.settings.model_copy(update={"web": services.settings.web.model_copy(
            update={"administrators": ("root", "other")})})
        Publisher(services, "other")
        assert "Another administrator has a token called “ci”" in make(root, "ci", may="publish")

    def test_a_token_of_who_is_no_administrator_any_more_ends(self, services: Services) -> None:
        publisher = Publisher(services, "alice")
        assert publisher.problem(EVENT, status=403) == "The token doesn’t have the required scope."

    def test_nor_of_who_was_given_an_administrator_s_name(self, services: Services) -> None:
        publisher = Publisher(services)
        with services.database.transaction() as session:
            session.scalars(select(User).where(User.nick == "root")).one().succeeds = True
        publisher.problem(EVENT, status=403)

    def test_a_token_that_publishes_can_do_nothing_else(self, publisher: Publisher) -> None:
        assert publisher.app.get("/api/v1/me", expect_errors=True).status_code == 403
        assert publisher.app.get("/admin", expect_errors=True).status_code == 403

    def test_without_a_token_nobody_learns_anything(self, web: TestApp) -> None:
        answer = web.post("/events", b"{", content_type=STRUCTURED, expect_errors=True)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="FMN"')


def test_a_token_has_a_rate_of_its_own(services: Services) -> None:
    limits = services.settings.limits.model_copy(update={"events": RateLimit(2, 3600)})
    services.settings = services.settings.model_copy(update={"limits": limits})
    publisher, other = Publisher(services, name="limited"), Publisher(services, name="other")

    assert [publisher.post(EVENT).status_code for _ in range(3)] == [202, 202, 429]
    assert publisher.problem(EVENT, status=429).startswith("This token has published too often.")
    assert other.post(EVENT).status_code == 202


def test_without_the_database_it_is_to_be_tried_again(
    publisher: Publisher, services: Services, monkeypatch: pytest.MonkeyPatch,
) -> None:
    away = Database("postgresql://fmn@127.0.0.1:1/fmn")
    monkeypatch.setattr(services, "database", away)
    answer = publisher.post(EVENT)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert answer.json["detail"].startswith("FMN’s database doesn’t answer right now.")
    away.close()


def test_the_document_describes_the_answers(publisher: Publisher) -> None:
    document = cached_document(publisher.services.settings.web.base_url)
    told = document["paths"]["/events"]["post"]
    schema = {**told["responses"]["202"]["content"]["application/json"]["schema"],
              "components": document["components"]}
    jsonschema_rs.validator_for(schema).validate(publisher.post(EVENT).json)
    assert set(told["requestBody"]["content"]) == {STRUCTURED, BATCH, "application/json"}
    assert {"400", "401", "403", "413", "415", "429", "503"} <= told["responses"].keys()


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_nothing_that_is_sent_breaks_it(publisher: Publisher, mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_dict(cached_document("http://localhost"))
    schema.app = publisher.app.app
    schema.config.generation.with_security_parameters = False
    shown = {"Authorization": f"Bearer {publisher.token}"}
    statuses: set[int] = set()
    # Events that are fine by themselves can have a time in the future; headers of another mode are ignored.
    checks = [check for check in CHECKS if check is not negative_data_rejection]
    assert status_code_conformance in checks

    @settings(max_examples=30, deadline=None, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))
    @given(schema["/events"]["POST"].as_strategy(generation_mode=mode))
    def send(case: Case[Any]) -> None:
        answer = case.call(headers=shown)
        statuses.add(answer.status_code)
        case.validate_response(answer, checks=checks, headers=shown)

    send()
    assert statuses & {202, 400}
