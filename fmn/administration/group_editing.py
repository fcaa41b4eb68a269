"""Changes of a group's filters: within its budget, at a bounded rate, and in the audit log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fmn.administration.audit_log import log_action
from fmn.administration.models import AuditEntry
from fmn.errors import UserError
from fmn.filters.group_filters import within_group_budget
from fmn.filters.locking import lock_preference
from fmn.people.models import Preference
from fmn.translations import gettext

#: Changes of a group's filters in a while. Each is one entry in the change log, and has workers load up to
#: 10,000 members again.
MAX_CHANGES: Final = 30
CHANGES_SPAN: Final = timedelta(hours=1)

Result = TypeVar("Result")


def change_group_filters(
    session: Session, preference: Preference, actor: str, action: str, change: Callable[[Session], Result],
    now: datetime, **details: object,
) -> Result:
    """Change a group's filters.

    Raises :class:`~fmn.errors.UserError` if they're over the group's budget then, and if it's too often.
    """
    owned = lock_preference(session, preference.id)
    nick = owned.user.nick
    recent = select(func.count()).where(
        AuditEntry.subject == nick, AuditEntry.happened_at > now - CHANGES_SPAN)
    if (session.scalar(recent) or 0) >= MAX_CHANGES:
        raise UserError(gettext(
            "The group’s filters were changed {n} times within an hour. Try again later.").format(
                n=MAX_CHANGES))
    result = within_group_budget(session, owned.id, change)
    log_action(session, actor, action, nick, **details)
    return result
