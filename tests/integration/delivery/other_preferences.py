"""Another way to reach somebody."""

from __future__ import annotations

from fmn.infra.clock import utc_now
from fmn.infra.db import Database
from fmn.people.models import DetailValue, Preference


def other_preference(database: Database, user_id: int) -> int:
    """Somebody is reached by mail as well."""
    with database.transaction() as session:
        preference = Preference(user_id=user_id, context="email")
        preference.detail_values = [DetailValue(value="alice@example.org", confirmed_at=utc_now())]
        session.add(preference)
        session.flush()
        return preference.id
