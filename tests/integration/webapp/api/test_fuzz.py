"""The API asked at random: what its document allows, and what it doesn't. Nothing breaks it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from sqlalchemy import select, update

from fmn.filters.expressions import Rule
from fmn.filters.group_filters import add_editor
from fmn.ledger.models import StoredMessage
from fmn.people.models import DetailValue
from fmn.wiring import Services
from tests.factories.groups import give_group
from tests.integration.webapp.api.client import Program
from tests.integration.webapp.world import World
from webapp.api.views import cached_document

#: Requests per operation, of each mode. All of them together take some seconds.
EXAMPLES: Final = 4
CHECKS: Final = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    response_headers_conformance, negative_data_rejection, unsupported_method,
]


#: Values of fields that hardly any at random would be taken for.
REAL: Final[Mapping[str, Any]] = {"expression": "maintains(@me)", "filter_ids": [1], "numbers": [0]}
#: What is done with them comes last, for they take away what others are tried on.
LAST: Final = re.compile("DELETE .*|.*/reset|PUT .*/preferences")


def operations(schema: Any) -> Sequence[Any]:
    """All operations, in the order in which they're tried."""
    found = [result.ok() for result in schema.get_all_operations()]
    return sorted(found, key=lambda each: LAST.fullmatch(f"{each.method.upper()} {each.path}") is not None)


@pytest.fixture
def services(services: Services, tmp_path: Path) -> Services:
    """A directory in which Alice owns moss and is in the group infra."""
    (tmp_path / "directory.json").write_text(json.dumps({
        "owners": {"alice": {"rpms": ["moss"]}}, "groups": {"infra": ["alice"]}}))
    return services


def own(program: Program, world: World) -> Mapping[str, Any]:
    """Parts of addresses that are Alice's."""
    message = world.receive_comment()
    with world.services.database.transaction() as session:
        session.execute(update(StoredMessage).values(received_at=datetime.now(UTC)))
        msg_id = session.get_one(StoredMessage, message).msg_id
        address = session.scalars(select(DetailValue.id)).one()
    mute = program.send("POST", "/mutes", {"kind": "package", "value": "tar"})
    another = {"name": "x", "expression": "koji_tag"}
    added = program.send("POST", "/contexts/email/filters", another, status=201)
    undo = program.send("DELETE", f"/filters/{added['id']}")["undo"]
    of_group, gone = give_group(
        world.services.database, "infra", Tags=Rule("koji_tag"), Gone=Rule("koji_untag"))
    with world.services.database.transaction() as session:
        add_editor(session, "infra", "alice", ["alice"])
    group_undo = program.send("DELETE", f"/groups/infra/filters/{gone}")["undo"]
    program.send("PUT", "/contexts/email/watches/package/rpms%2Fmoss", {})
    share = program.send("POST", "/shares", {"filter_ids": [world.filter_id]}, status=201)
    return {
        "filter_id": world.filter_id, "address_id": address, "mute_id": mute["id"], "undo_id": undo,
        "notification_id": world.notification(message), "msg_id": msg_id, "context": "email",
        "rule": "maintains", "kind": "package", "name": "rpms/moss", "group": "infra",
        "group_filter_id": of_group, "group_undo_id": group_undo, "token": share["token"],
    }


def test_nothing_that_is_sent_breaks_it(program: Program, world: World) -> None:
    schema = schemathesis.openapi.from_dict(cached_document("http://localhost"))
    schema.app = program.app.app
    schema.config.generation.with_security_parameters = False  # who has no token has a test of their own
    known, shown = own(program, world), {"Authorization": f"Bearer {program.token}"}
    statuses: set[int] = set()

    def attempt(operation: Any, mode: GenerationMode) -> None:
        @settings(
            max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck))
        @given(operation.as_strategy(generation_mode=mode), st.booleans())
        def send(case: Case[Any], real: bool) -> None:
            if real and mode is GenerationMode.POSITIVE:
                owner = "group_" if "{group}" in operation.path else ""
                case.path_parameters = {
                    name: known.get(f"{owner}{name}") or known[name] for name in case.path_parameters or ()}
                if isinstance(case.body, dict):
                    case.body.update({name: REAL[name] for name in REAL.keys() & case.body.keys()})
            answer = case.call(headers=shown)
            statuses.add(answer.status_code)
            case.validate_response(answer, checks=CHECKS, headers=shown)

        with suppress(Unsatisfiable):  # what takes nothing can be sent nothing wrong
            send()

    for operation in operations(schema):
        for mode in GenerationMode:
            attempt(operation, mode)
    assert statuses >= {200, 404, 422}
