"""Interning of expressions: each is stored once, however many filters have it."""

from __future__ import annotations

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from fmn.filters.expressions import Expression, expression_digest, expression_to_json
from fmn.filters.models import Filter, StoredExpression, Undo
from fmn.infra.db import insert_new
from fmn.people.change_log import lock_changes


def intern_expression(session: Session, expression: Expression) -> int:
    """The id of a stored expression, which is stored if it's new.

    The caller locks the changes first: two who store the same expressions in different order would deadlock.
    """
    key = expression_digest(expression)
    known = select(StoredExpression.id).where(StoredExpression.digest == key)
    if (found := session.scalar(known)) is None:
        insert_new(session, StoredExpression, [{"digest": key, "body": expression_to_json(expression)}])
        found = session.scalars(known).one()
    return found


def delete_unused_expressions(session: Session, most: int) -> int:
    """Delete up to ``most`` expressions that neither a filter nor an undo has. Returns how many."""
    unused = ~exists().where(Filter.expression_id == StoredExpression.id)
    ids = session.scalars(
        select(StoredExpression.id).where(unused, StoredExpression.id.not_in(_undoable(session))).limit(most)
    ).all()
    if not ids:
        return 0
    # Whoever stores one, or brings one back, has done so when we look once more, or does when we're done.
    lock_changes(session)
    gone = (
        delete(StoredExpression)
        .where(StoredExpression.id.in_(ids), unused, StoredExpression.id.not_in(_undoable(session)))
        .returning(StoredExpression.id).execution_options(synchronize_session=False))
    return len(session.scalars(gone).all())


def _undoable(session: Session) -> set[int]:
    """The ids of expressions that an undo would need."""
    kept = session.scalars(select(Undo.filters)).all()
    return {each["expression"] for filters in kept if filters for each in filters["removed"]}
