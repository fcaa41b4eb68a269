"""What the API refuses, and how: problem details with a sentence that helps."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import update
from structlog.testing import capture_logs

from fmn.infra.db import Base, Database
from fmn.people.models import ApiToken
from fmn.wiring import Services
from tests.factories.messages import NOON
from tests.integration.webapp.api.client import Program
from tests.integration.webapp.signing_in import new_browser, signed_in
from tests.integration.webapp.world import World
from webapp.auth.security import HEADERS


def test_a_problem_says_what_where_and_what_to_do(program: Program) -> None:
    answer = program.ask("PATCH", "/contexts/email", {"enabld": 1, "frequency": {"digest_count": "3"}})
    assert answer.content_type == "application/problem+json"
    first = "“frequency/digest_count” must be a whole number."
    assert answer.json == {
        "type": "http://localhost/api/v1/#invalid", "title": "Invalid values",
        "status": 422, "detail": first,
        "errors": [
            {"place": "/frequency/digest_count", "detail": first},
            {"place": "/enabld", "detail": "There is no field “enabld”; did you mean “enabled”?"}]}
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert answer.headers["Cache-Control"] == "no-store"


class TestWhoeverHasNoToken:
    def test_is_told_to_send_one(self, services: Services) -> None:
        anybody = new_browser(services)
        for headers, challenge in (
            ({}, 'Bearer realm="FMN"'), ({"Authorization": "Basic YTpi"}, 'Bearer realm="FMN"'),
            ({"Authorization": "Bearer fmn_nonsense"}, 'Bearer realm="FMN", error="invalid_token"'),
            ({"Authorization": "Bearer"}, 'Bearer realm="FMN", error="invalid_token"'),
        ):
            answer = anybody.get("/api/v1/me", headers=headers, status=401)
            assert answer.content_type == "application/problem+json"
            assert answer.headers["WWW-Authenticate"] == challenge

    def test_gets_nothing_for_a_cookie(self, services: Services, world: World) -> None:
        browser = signed_in(services, "alice")
        assert browser.get("/api/v1/me", status=401).json["status"] == 401
        browser.post_json("/api/v1/preview", {"expression": "koji_tag"}, status=401)

    def test_or_has_one_that_has_expired_is_refused(
        self, program: Program, database: Database,
    ) -> None:
        program.get("/me")
        with database.transaction() as session:
            session.execute(update(ApiToken).values(expires_at=NOON.replace(year=2020)))
        assert program.problem("GET", "/me", status=401) == (
            "This token is unknown, revoked or expired. Create a new one.")


def test_a_token_does_what_its_scope_allows(services: Services, world: World) -> None:
    reads, writes = Program(services, "alice", "read"), Program(services, "alice", "write")
    assert reads.get("/me")["token"]["scopes"] == ["read"]
    answer = reads.ask("PATCH", "/me", {"time_zone": "UTC"}, status=403)
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]
    writes.send("PATCH", "/me", {"time_zone": "UTC"})
    writes.ask("GET", "/me", status=403)


def test_a_use_of_a_token_is_noted(program: Program, services: Services, database: Database) -> None:
    def used() -> object:
        with database.reading() as session:
            return session.query(ApiToken.last_used_at).scalar()

    assert used() is None
    program.ask("POST", "/me", status=405)
    assert used() is None
    program.get("/me")
    first = used()
    assert first is not None
    program.send("PATCH", "/me", {"time_zone": "UTC"})
    assert used() == first


#: Bodies, headers, and what becomes of them.
BODIES: Sequence[tuple[bytes, Mapping[str, str], int, str]] = (
    (b"", {}, 400, "The body isn’t JSON: EOF while parsing a value at line 1 column 0."),
    (b"{", {}, 400, "The body isn’t JSON: EOF while parsing an object at line 1 column 1."),
    (b"\xff", {}, 400, "The body isn’t UTF-8 from byte 0 on."),
    (b"[" * 10_000, {}, 400, "The body isn’t JSON: recursion limit exceeded at line 1 column 202."),
    (b'{"expression": "\\ud800"}', {}, 400, "The body isn’t JSON: unexpected end of hex escape"),
    (b"[]", {}, 422, "The body must be an object."),
    (b"{}", {}, 422, "“expression” is missing."),
    (b'{"expression": "koji_tag", "days": 1e400}', {}, 422, "“days” must be a whole number."),
    (b'{"expression": "koji_tag", "days": 15}', {}, 422, "“days” must be at most 14."),
    (b'{"expression": {"rule": 1}}', {}, 422, "No expression: {'rule': 1}."),
    (b'{"expression": "koji_tag("}', {}, 422, "The text ends too early:"),
    (b'{"expression": "kojitag"}', {}, 422, "Unknown rule 'kojitag'; did you mean koji_tag?"),
    (b" " * 500_001, {}, 413, "The body can have at most 500,000 bytes."),
    (b"{}", {"Content_Type": "text/plain"}, 415, "Send the body as application/json"),
    (b"{}", {"Content_Type": "application/x-www-form-urlencoded"}, 415, "Send the body as application/json"),
    (b"{}", {"Content_Type": ""}, 415, "Send the body as application/json"),
    (b"{}", {"Content_Encoding": "gzip"}, 415, "Send the body uncompressed"),
)
QUERIES = (
    ("/inbox?limit=x", "“limit” is wrong: it must be a whole number."),
    ("/inbox?limit=0", "“limit” must be at least 1."),
    ("/inbox?limit=1_0", "“limit” is wrong: it must be a whole number."),
    ("/inbox?limt=1", "There is no parameter “limt”; did you mean “limit”?"),
    ("/inbox?limit=1&limit=2", "Send each parameter only once."),
    ("/inbox?before=1&after=2", "The query is wrong: Send before or after, not both."),
    ("/inbox?before=99999999999999999999999", "“before” must be at most 9223372036854775806."),
    ("/inbox?unread=yes", "“unread” is wrong: it must be true or false."),
    ("/inbox?state=lost", "“state” must be 'waiting', 'sent', 'failed' or 'dropped'."),
    ("/me?verbose=1", "There is no parameter “verbose”."),
)
PLACES = (
    "/nothing", "/filters/x", "/filters/0", "/filters/99999999999999999999", "/filters/-1", "/contexts/irc",
    "/contexts/%00", "/contexts/%ff", "/rules/nothing", "/messages/nothing", f"/messages/{'x' * 5000}",
    "/addresses/1%2F2", "/inbox/9999", "/filters/", "//me")


def test_a_body_that_makes_no_sense_is_refused_in_a_sentence(program: Program) -> None:
    for body, headers, status, sentence in BODIES:
        assert program.problem("POST", "/preview", body, status=status, **headers).startswith(sentence)


def test_a_query_that_makes_no_sense_is_refused_in_a_sentence(program: Program) -> None:
    for path, sentence in QUERIES:
        assert program.problem("GET", path, status=422) == sentence


def test_what_is_not_there_is_told_to_be(program: Program) -> None:
    for path in PLACES:
        answer = program.app.get(f"/api/v1{path}", status=404)
        assert answer.content_type == "application/problem+json"
        assert answer.json["type"] == "http://localhost/api/v1/#not-found"


def test_what_cannot_be_read_at_all_is_refused(program: Program) -> None:
    for path in ("/inbox?text=%00", "/inbox?text=%ff"):
        assert program.problem("GET", path, status=400).startswith("FMN can’t read the URL")


def test_what_cannot_be_done_there_is_told_with_what_can(program: Program) -> None:
    answer = program.ask("DELETE", "/contexts/email", status=405)
    assert answer.json["detail"] == "DELETE isn’t allowed here. Use GET or PATCH."
    assert answer.headers["Allow"] == "GET, PATCH, HEAD, OPTIONS"
    for path, allowed in (("/contexts/email", "GET, PATCH, HEAD, OPTIONS"), ("/preview", "POST, OPTIONS")):
        answer = program.ask("OPTIONS", path, status=204)
        assert answer.headers["Allow"] == allowed
    assert program.app.head("/api/v1/me").body == b""


def test_nobody_sees_or_changes_what_is_not_theirs(
    program: Program, mallorys: Program, world: World,
) -> None:
    for method, path, body in (
        ("GET", f"/filters/{world.filter_id}", None), ("DELETE", f"/filters/{world.filter_id}", None),
        ("PATCH", f"/filters/{world.filter_id}", {"name": "mine"}),
        ("GET", f"/inbox/{world.notification(world.receive_comment())}", None),
    ):
        assert mallorys.problem(method, path, body, status=404) == (
            "This doesn’t exist or isn’t yours.")
    assert mallorys.get("/inbox")["entries"] == []
    assert program.get(f"/filters/{world.filter_id}")["name"] == "My packages"


def test_our_own_mistakes_have_an_id_that_is_in_the_log_too(program: Program, services: Services) -> None:
    Base.metadata.tables["mutes"].drop(services.database.engine)
    try:
        with capture_logs() as logs:
            answer = program.app.get("/api/v1/mutes", status=500)
    finally:
        Base.metadata.create_all(services.database.engine)
    assert answer.content_type == "application/problem+json"
    (entry,) = (entry for entry in logs if entry["event"] == "request failed")
    assert f"incident id {entry['incident']}." in answer.json["detail"]
    assert "mutes" not in json.dumps(answer.json)
