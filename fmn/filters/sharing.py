"""Sharing of filters by a link, and taking over what somebody shared.

A link has the filters as they were when it was made. It says nothing about who made it: "me" in a filter
means whoever takes it over, and the owner's note stays with the owner.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from fmn.errors import UserError
from fmn.filters.editing import add_filter_once
from fmn.filters.expressions import MalformedExpressionError, expression_from_json, expression_to_json
from fmn.filters.locking import atomic, lock_preference
from fmn.filters.models import Filter, SharedFilters
from fmn.filters.spec import FilterSpec
from fmn.filters.undo import save_undo
from fmn.infra.db import insert_new
from fmn.infra.public_ids import PublicId
from fmn.people.models import Preference
from fmn.translations import gettext

#: Filters in a link, and characters of their JSON. A page shows them all.
MAX_FILTERS: Final = 50
MAX_CHARACTERS: Final = 50_000
#: Links of a user: of more, the oldest stop working.
MAX_LINKS: Final = 20
#: The fields of a filter that are shared, beside its expression.
_FIELDS: Final = ("name", "oneshot", "hold_minutes")


@dataclass(frozen=True)
class TakenOver:
    """Result of taking filters over: the names of those that are new. ``undo_id`` is ``None`` without any."""

    names: Sequence[str]
    undo_id: int | None


def share_filters(session: Session, user_id: int, filters: Sequence[Filter], now: datetime) -> SharedFilters:
    """Share filters of a user by a link. Doing it again gives the same link.

    Raises :class:`~fmn.errors.UserError` for none, for too many and for one that can't be read.
    """
    if not filters:
        raise UserError(gettext("Choose at least one filter to share."), "filter")
    if len(filters) > MAX_FILTERS:
        raise UserError(gettext("A link can have {n} filters at most.").format(n=MAX_FILTERS), "filter")
    content = [_to_json(each) for each in filters]
    text = json.dumps(content, sort_keys=True)
    if len(text) > MAX_CHARACTERS:
        raise UserError(gettext("These filters are too long for one link. Choose fewer."), "filter")
    digest = sha256(text.encode()).hexdigest()
    insert_new(session, SharedFilters, [
        {"user_id": user_id, "digest": digest, "filters": content, "created_at": now}])
    _delete_oldest(session, user_id)
    return session.scalars(
        select(SharedFilters).where(SharedFilters.user_id == user_id, SharedFilters.digest == digest)).one()


def _to_json(one: Filter) -> Mapping[str, Any]:
    spec = FilterSpec.of(one)
    if spec.expression is None:
        raise UserError(gettext(
            "“{name}” can’t be read any more, so it can’t be shared.").format(name=spec.name), "filter")
    return {
        **spec.model_dump(mode="json", include=set(_FIELDS)),
        "expression": expression_to_json(spec.expression)}


def _delete_oldest(session: Session, user_id: int) -> None:
    beyond = (
        select(SharedFilters.id).where(SharedFilters.user_id == user_id)
        .order_by(SharedFilters.id.desc()).offset(MAX_LINKS))
    session.execute(
        delete(SharedFilters).where(SharedFilters.id.in_(session.scalars(beyond).all()))
        .execution_options(synchronize_session=False))


def shared_links(session: Session, user_id: int) -> Sequence[SharedFilters]:
    """The links of a user, the newest first."""
    return session.scalars(
        select(SharedFilters).where(SharedFilters.user_id == user_id).order_by(SharedFilters.id.desc())).all()


def stop_sharing(session: Session, user_id: int, shared_id: int) -> bool:
    """Let a link of a user stop working. Returns whether there was such a link."""
    gone = session.scalar(
        delete(SharedFilters).where(SharedFilters.id == shared_id, SharedFilters.user_id == user_id)
        .returning(SharedFilters.id))
    return gone is not None


def find_link(session: Session, public_id: PublicId) -> SharedFilters | None:
    """What a link leads to, ``None`` if it stopped working."""
    return session.scalars(select(SharedFilters).where(SharedFilters.has_public_id(public_id))).one_or_none()


def find_shared(session: Session, public_id: PublicId) -> Sequence[FilterSpec]:
    """The filters of a link, none if it stopped working."""
    found = find_link(session, public_id)
    return [] if found is None else shared_specs(found)


def shared_specs(shared: SharedFilters) -> Sequence[FilterSpec]:
    """The filters of a link. One that this version can't read is left out."""
    specs = []
    for each in shared.filters:
        try:
            expression = expression_from_json(each["expression"])
        except MalformedExpressionError:
            continue
        options = {name: each[name] for name in _FIELDS if name in each}
        specs.append(FilterSpec(**options, expression=expression))
    return specs


@atomic
def take_over(session: Session, preference: Preference, filters: Sequence[FilterSpec]) -> TakenOver:
    """Append filters to a preference, but for those that it has. All or none are added.

    Raises :class:`~fmn.errors.UserError` without room or budget.
    """
    owned = lock_preference(session, preference.id)
    added = [found.filter for each in filters if (found := add_filter_once(session, owned, each)).new]
    undo_id = save_undo(session, owned, (), added) if added else None
    return TakenOver([each.name for each in added], undo_id)
