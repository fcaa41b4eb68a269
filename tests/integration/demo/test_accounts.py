"""The demo's people, who are there again whenever it starts."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from fmn.demo.accounts import DIGEST_COUNT, DIGEST_USER, PEOPLE, create_demo_accounts
from fmn.filters.rule_types import rule_types
from fmn.infra.db import Database
from fmn.people.accounts import add_missing_preferences
from fmn.people.models import Preference, User

pytestmark = pytest.mark.dialects


def test_they_are_there_once_however_often_it_starts_and_whatever_channels_were_added(
    database: Database,
) -> None:
    # Given a demo that has run, and whose people were offered another channel since
    create_demo_accounts(database, rule_types())
    with database.transaction() as session:
        assert add_missing_preferences(session, ["email", "sse"], 100) == len(PEOPLE)
    # When it starts again
    create_demo_accounts(database, rule_types())
    # Then there are the same people, and the patient one gets digests by mail alone
    with database.reading() as session:
        assert set(session.scalars(select(User.nick))) == set(PEOPLE)
        counts = session.execute(
            select(Preference.context, Preference.digest_count).join(User, User.id == Preference.user_id)
            .where(User.nick == DIGEST_USER))
        assert {row.context: row.digest_count for row in counts} == {"email": DIGEST_COUNT, "sse": None}
