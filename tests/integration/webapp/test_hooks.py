"""The address that forges call, over HTTP: sizes, types, floods, and whatever a program may think of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance
from sqlalchemy import select
from structlog.testing import capture_logs
from webtest import TestApp, TestResponse

from fmn.administration.hook_management import NewHook, add_hook, secret_of
from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.infra.token_buckets import MemoryTokenBuckets
from fmn.ledger.models import StoredMessage
from fmn.settings import DatabaseSettings, Settings, WebSettings
from fmn.settings.request_limits import RateLimit
from fmn.settings.sources import HookSettings
from fmn.sources.webhooks.deliveries import last_deliveries
from fmn.wiring import Services
from tests.factories.forges import DELIVERIES, FORM, Delivery, forgejo, github
from tests.integration.webapp.conftest import BASE_URL
from tests.integration.webapp.signing_in import app_of
from tests.servers.web_app import served
from webapp import application
from webapp.server import LARGEST_REQUEST

#: Examples that are tried at random.
EXAMPLES: Final = 25
WHERE: Final = "/hooks/github"


@pytest.fixture
def services(database: Database) -> Iterator[Services]:
    """Services with limits that are soon reached."""
    made = Services(Settings(
        database=DatabaseSettings(url=database.url),
        hooks=HookSettings(max_body_bytes=1_500_000, per_address=RateLimit(200, 3600)),
        web=WebSettings(base_url=BASE_URL, secret="of the tests", development_login=True)))
    made.buckets = MemoryTokenBuckets()
    yield made
    made.database.close()


@pytest.fixture
def secrets(services: Services) -> Mapping[str, str]:
    """The secrets of a webhook for each forge, by the forge's name, which is its own."""
    with services.database.transaction() as session:
        return {
            forge: secret_of(services.settings, add_hook(
                session, "root", NewHook(forge, forge, "org.example.prod"), utc_now()))
            for forge in ("github", "gitlab", "forgejo", "discourse")}


@pytest.fixture
def forge(services: Services) -> TestApp:
    """A forge, which has no cookies."""
    return TestApp(app_of(services))


def send(forge: TestApp, delivery: Delivery, secret: str, **more: str) -> TestResponse:
    return forge.post(
        f"/hooks/{delivery.forge}", delivery.body, headers={**delivery.signed(secret), **more},
        expect_errors=True)


def messages(services: Services) -> int:
    with services.database.reading() as session:
        return len(session.scalars(select(StoredMessage.id)).all())


@contextmanager
def served_app(services: Services) -> Iterator[str]:
    """The web app behind its server, at an address."""
    with served(application(services, trial=True)) as (host, port):
        yield f"http://{host}:{port}"


@pytest.mark.parametrize("name", DELIVERIES)
def test_a_delivery_is_taken_and_enqueued(
    forge: TestApp, services: Services, secrets: Mapping[str, str], name: str,
) -> None:
    enqueued: list[int] = []
    services.enqueue_match = enqueued.extend
    delivery = DELIVERIES[name]

    answer = send(forge, delivery, secrets[delivery.forge])

    assert (answer.status_code, answer.content_type) == (202, "text/plain")
    answer.mustcontain("accepted: ")
    assert len(enqueued) == messages(services) == 1
    assert "Set-Cookie" not in answer.headers
    again = send(forge, delivery, secrets[delivery.forge])
    assert (again.status_code, again.text.partition(":")[0]) == (200, "known")


def test_ping_and_what_is_wrong_are_answered_in_a_sentence(
    forge: TestApp, services: Services, secrets: Mapping[str, str],
) -> None:
    answers = [send(forge, each, secrets["github"]) for each in (
        github({}, "ping"), github().with_body(b"{"), github().with_body(b"<a/>", "text/xml"),
        github(event=""))]

    assert [answer.status_code for answer in answers] == [200, 400, 415, 400]
    assert all(answer.text.endswith(".\n") for answer in answers)
    assert messages(services) == 0


def test_an_unknown_name_and_a_wrong_secret_look_the_same(
    forge: TestApp, services: Services, secrets: Mapping[str, str],
) -> None:
    def shown(where: str, **headers: str) -> tuple[object, ...]:
        answer = forge.post(where, b"{}", headers=headers, expect_errors=True)
        seen = {name: value for name, value in answer.headers.items() if not name.startswith("RateLimit")}
        return answer.status_code, answer.body, seen

    wrong = shown(WHERE, **github().signed("whsec_wrong"))
    assert wrong == shown("/hooks/unknown", **github().signed("whsec_wrong")) == shown(WHERE)
    assert wrong[0] == 404
    assert wrong == shown("/hooks/gitlab", **{"X-Gitlab-Token": "wrong", "Content-Type": FORM})
    assert messages(services) == 0


@pytest.mark.parametrize("where", [WHERE, "/hooks/unknown"])
def test_a_large_body_is_refused_before_it_s_read(
    forge: TestApp, services: Services, secrets: Mapping[str, str], where: str,
) -> None:
    most = services.settings.hooks.max_body_bytes
    answer = forge.post(where, b" " * (most + 1), headers=github().signed("whsec_wrong"), expect_errors=True)

    assert answer.status_code == 413
    with services.database.reading() as session:
        assert last_deliveries(session, None, 1) == []


@pytest.mark.parametrize("chunked", [False, True])
def test_ten_megabytes_are_refused_over_the_wire_and_others_are_taken(
    services: Services, secrets: Mapping[str, str], *, chunked: bool,
) -> None:
    large = b" " * (LARGEST_REQUEST + 1)
    delivery = forgejo().with_body(forgejo().body + b" " * 1_200_000)  # more than a form may have
    with served_app(services) as url, httpx.Client() as client:
        refused = client.post(f"{url}/hooks/forgejo", content=iter([large]) if chunked else large)
        taken = client.post(
            f"{url}/hooks/forgejo", content=iter([delivery.body]) if chunked else delivery.body,
            headers=dict(delivery.signed(secrets["forgejo"])))

    assert (refused.status_code, taken.status_code) == (413, 202)


@pytest.mark.parametrize(("content_type", "body"), [
    (FORM, b"&" * 20_000), (FORM, b"%" * 100_000), ("multipart/form-data; boundary=x", b"--x\r\n" * 1000),
    ("multipart/form-data", b""), ("application/json; charset=nonsense", b"{}"),
    (FORM + "; charset=utf-16", b"a")])
def test_a_stranger_s_body_isn_t_parsed(
    forge: TestApp, secrets: Mapping[str, str], content_type: str, body: bytes,
) -> None:
    with capture_logs() as logs:
        answer = forge.post(WHERE, body, headers={"Content-Type": content_type}, expect_errors=True)
    assert (answer.status_code, logs) == (404, [])


@pytest.mark.parametrize("where", ["/hooks/", "/hooks/github/", "/hooks/github/more", "/hooks"])
def test_what_is_beside_it_is_validated_like_a_form(
    forge: TestApp, secrets: Mapping[str, str], where: str,
) -> None:
    with capture_logs() as logs:
        answer = forge.post(
            where, b"--x\r\n" * 1000, headers={"Content-Type": "multipart/form-data; boundary=x"},
            expect_errors=True)
    assert (answer.status_code, logs) == (400, [])


def test_a_flood_is_held_off_by_address(
    forge: TestApp, services: Services, secrets: Mapping[str, str],
) -> None:
    here, there = {"REMOTE_ADDR": "127.0.0.2"}, {"REMOTE_ADDR": "127.0.0.3"}
    buckets = services.buckets
    for _ in range(200):
        buckets.take("hooks:127.0.0.2", services.settings.hooks.per_address)

    refused = forge.post(WHERE, b"{}", extra_environ=here, expect_errors=True)
    signed = forge.post(
        WHERE, github().body, headers=github().signed(secrets["github"]), extra_environ=there)

    assert (refused.status_code, signed.status_code) == (429, 202)
    assert 0 < int(refused.headers["Retry-After"]) <= 18


def test_without_a_database_it_s_to_be_sent_again(services: Services) -> None:
    away = Services(services.settings.model_copy(update={
        "database": DatabaseSettings(url="postgresql://nobody@127.0.0.1:1/none")}))
    forge = TestApp(app_of(away))

    answer = send(forge, github(), "whsec_any")

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    away.database.close()


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_other_methods_aren_t_there(forge: TestApp, secrets: Mapping[str, str], method: str) -> None:
    assert forge.request(WHERE, method=method, expect_errors=True).status_code == 404


#: What a program may send, for trying it at random.
DOCUMENT: Final[Mapping[str, Any]] = {
    "openapi": "3.1.0", "info": {"title": "Webhooks", "version": "1"},
    "paths": {"/hooks/{name}": {"post": {
        "parameters": [
            {"name": "name", "in": "path", "required": True, "schema": {"anyOf": [
                {"enum": ["github", "gitlab", "forgejo", "discourse"]}, {"type": "string", "minLength": 1}]}},
            *({"name": name, "in": "header", "schema": {"type": "string"}} for name in (
                "X-GitHub-Event", "X-GitHub-Delivery", "X-Hub-Signature-256", "X-Gitlab-Event",
                "X-Gitlab-Token", "webhook-id", "webhook-timestamp", "webhook-signature",
                "X-Forgejo-Signature",
                "X-Discourse-Event-Signature"))],
        "requestBody": {"content": {
            "application/json": {"schema": {}},
            FORM: {"schema": {"type": "object", "properties": {"payload": {"type": "string"}}}}}},
        "responses": {str(status): {"description": "", "content": {"text/plain": {}}} for status in (
            200, 202, 400, 403, 404, 413, 415)},
    }}}}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nothing_that_is_sent_breaks_it(services: Services, secrets: Mapping[str, str]) -> None:
    services = Services(services.settings.model_copy(update={"hooks": HookSettings()}))
    services.buckets = MemoryTokenBuckets()
    schema = schemathesis.openapi.from_dict(dict(DOCUMENT))
    schema.app = app_of(services)
    operation = schema["/hooks/{name}"]["POST"]
    statuses: set[int] = set()

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck))
    @given(operation.as_strategy())
    def attempt(case: Case[Any]) -> None:
        name = str((case.path_parameters or {}).get("name"))
        answer = case.call(headers={"X-Gitlab-Token": secrets["gitlab"]} if name == "gitlab" else {})
        statuses.add(answer.status_code)
        case.validate_response(
            answer, checks=[not_a_server_error, status_code_conformance, *(
                [content_type_conformance] if "/" not in name else [])])

    attempt()
    assert 404 in statuses
    services.database.close()
