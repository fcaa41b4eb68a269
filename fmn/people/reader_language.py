"""The language of whom something is written to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.people.models import User
from fmn.translations import SOURCE_LANGUAGE, in_language


@contextmanager
def in_language_of(session: Session, user_id: int) -> Iterator[None]:
    """Speak the language that a user has chosen, English if they haven't."""
    chosen = session.scalar(select(User.language).where(User.id == user_id))
    with in_language(chosen or SOURCE_LANGUAGE):
        yield
