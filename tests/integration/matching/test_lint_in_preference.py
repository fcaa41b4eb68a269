"""What the linter says of a filter at its place among others."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from fmn.catalog import catalog
from fmn.filters.editing import set_filter_enabled
from fmn.filters.expressions import Rule
from fmn.filters.models import StoredExpression
from fmn.filters.rule_types import rule_types
from fmn.infra.db import Database
from fmn.matching.lint_findings import LintCode
from fmn.matching.lint_in_preference import lint_in_preference
from fmn.matching.recent_traffic import NO_RECENT_TRAFFIC
from tests.factories.people import Person, make_person

pytestmark = pytest.mark.dialects

FERN = Rule.of("package_filter", {"package": "fern"})


@pytest.fixture
def alice(database: Database) -> Person:
    return make_person(database, packages=("moss", "fern", "kernel"))


def codes(database: Database, person: Person, filter_id: int | None = None) -> list[LintCode]:
    with database.reading() as session:
        return [each.code for each in lint_in_preference(
            session, FERN, rule_types(), catalog(), NO_RECENT_TRAFFIC, preference_id=person.preference_id,
            filter_id=filter_id)]


def test_only_filters_that_come_first_take_its_turn(database: Database, alice: Person) -> None:
    _, fern, kernel = alice.filter_ids
    assert codes(database, alice) == codes(database, alice, kernel) == [LintCode.SHADOWED]
    assert codes(database, alice, fern) == []


def test_filters_that_are_off_or_cannot_be_read_take_nothing(database: Database, alice: Person) -> None:
    with database.transaction() as session:
        set_filter_enabled(session, alice.filter_ids[1], enabled=False)
        session.execute(update(StoredExpression).where(
            StoredExpression.id == alice.expression_ids[0]).values(body={"all": "of it"}))
    assert codes(database, alice) == []
