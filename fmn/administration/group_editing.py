"""Changes of a group's filters: within its budget, at a bounded rate, and in the audit log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.administration.audit_log import log_action
from fmn.administration.models import AuditEntry
from fmn.errors import AttemptLimitError
from fmn.filters.group_filters import within_group_budget
from fmn.filters.locking import atomic, lock_preference
from fmn.people.models import Preference
from fmn.translations import gettext, mark

#: Changes of a group's filters in a while. Each is one entry in the change log, and has workers load up to
#: 10,000 members again.
MAX_CHANGES: Final = 30
CHANGES_SPAN: Final = timedelta(hours=1)
#: What the audit log calls the changes.
SAVED: Final = mark("saved a group's filter")
SWITCHED: Final = mark("switch of a group's filter")
MOVED: Final = mark("move of a group's filter")
DELETED: Final = mark("delete of a group's filter")
RESTORED: Final = mark("restored a group's filter")

Result = TypeVar("Result")


@atomic
def change_group_filters(
    session: Session, /, preference: Preference, actor: str, action: str,
    change: Callable[[Session], Result], now: datetime, **details: object,
) -> Result:
    """Change a group's filters. What changes nothing is neither counted nor logged.

    Raises :class:`~fmn.errors.UserError` if they're over the group's budget then, and if it's too often.
    """
    owned = lock_preference(session, preference.id)
    before = owned.version
    result = within_group_budget(session, owned.id, change)
    if owned.version != before:
        _check_rate(session, owned.user.nick, now)
        log_action(session, actor, action, owned.user.nick, **details)
    return result


def _check_rate(session: Session, nick: str, now: datetime) -> None:
    recent = session.scalars(
        select(AuditEntry.happened_at)
        .where(AuditEntry.subject == nick, AuditEntry.happened_at > now - CHANGES_SPAN)
        .order_by(AuditEntry.happened_at.desc()).limit(MAX_CHANGES)).all()
    if len(recent) >= MAX_CHANGES:
        raise AttemptLimitError(
            gettext("The group’s filters were changed {n} times within an hour. Try again later.").format(
                n=MAX_CHANGES),
            min(recent, default=now) + CHANGES_SPAN)
