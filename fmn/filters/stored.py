"""Keeping what filters ask: each expression once, however many people ask it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.db import insert_new
from fmn.filters.expressions import Expression, digest, expression_to_json
from fmn.filters.models import StoredExpression


def stored_expression_id(session: Session, expression: Expression) -> int:
    """The id under which an expression is stored, which it is if it wasn't yet.

    The changes have to be locked: two who store the same expressions crosswise would wait for each other.
    """
    key = digest(expression)
    known = select(StoredExpression.id).where(StoredExpression.digest == key)
    if (found := session.scalar(known)) is None:
        insert_new(session, StoredExpression, [{"digest": key, "body": expression_to_json(expression)}])
        found = session.scalars(known).one()
    return found
