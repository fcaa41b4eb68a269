"""Lookups of the current user's rows by ids in the URL. Rows of others are not found."""

from __future__ import annotations

from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from pyramid.httpexceptions import HTTPNotFound
from pyramid.request import RequestLocalCache
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager

from fmn.filters.models import Filter
from fmn.infra.public_ids import LARGEST_ID
from fmn.ledger.models import Notification
from fmn.people.local_time import zone_or_utc
from fmn.people.models import DetailValue, Preference, User
from webapp.request import Request

Row = TypeVar("Row")

MAX_DIGITS: Final = 19


def id_from_path(request: Request, name: str) -> int:
    """An id in the URL. Raises :class:`HTTPNotFound` if it isn't a number."""
    text = request.matchdict[name]
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS) or int(text) > LARGEST_ID:
        raise HTTPNotFound
    return int(text)


def current_user(request: Request, session: Session) -> User:
    """The current user's account."""
    return session.get_one(User, request.me.user_id)


_zones: Final = RequestLocalCache(
    lambda request: zone_or_utc(current_user(request, request.read_session).time_zone))


def current_user_zone(request: Request) -> ZoneInfo:
    """The current user's time zone, looked up once per request."""
    zone: ZoneInfo = _zones.get_or_create(request)
    return zone


def owned_preference(request: Request, session: Session, context: str | None = None) -> Preference:
    """The current user's preference for a context, by default the URL's. Raises :class:`HTTPNotFound`."""
    wanted = request.matchdict["context"] if context is None else context
    if wanted not in request.contexts:  # nothing could be sent there
        raise HTTPNotFound
    return _one_or_not_found(session, _owned_preferences(request).where(Preference.context == wanted))


def owned_filter(request: Request, session: Session) -> Filter:
    """The current user's filter with the id in the URL. Raises :class:`HTTPNotFound`."""
    return _one_or_not_found(
        session, select(Filter).join(Preference, Preference.id == Filter.preference_id).where(
        Filter.id == id_from_path(request, "filter_id"), Preference.user_id == request.me.user_id))


def owned_address(request: Request, session: Session) -> DetailValue:
    """The current user's address with the id in the URL. Raises :class:`HTTPNotFound`."""
    return _one_or_not_found(session, select(DetailValue).join(DetailValue.preference).where(
        DetailValue.id == id_from_path(request, "address_id"), Preference.user_id == request.me.user_id,
    ).options(contains_eager(DetailValue.preference)))


def owned_notification(request: Request, session: Session) -> Notification:
    """The current user's notification with the id in the URL. Raises :class:`HTTPNotFound`."""
    return _one_or_not_found(session, select(Notification).join(
        Preference, Preference.id == Notification.preference_id,
    ).where(
        Notification.id == id_from_path(request, "notification_id"),
        Preference.user_id == request.me.user_id))


def _owned_preferences(request: Request) -> Select[Preference]:
    return select(Preference).where(Preference.user_id == request.me.user_id)


def _one_or_not_found(session: Session, statement: Select[Row]) -> Row:
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise HTTPNotFound
    return found
