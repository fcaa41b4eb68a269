"""What whoever is signed in owns, by what an address says of it. What is somebody else's isn't there."""

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
from fmn.people.local_time import zone_called
from fmn.people.models import DetailValue, Preference, User
from webapp.request import Request

Row = TypeVar("Row")

MOST_DIGITS: Final = 19


def number_in(request: Request, name: str) -> int:
    """The id that a part of the address says. Raises :class:`HTTPNotFound` for what is none."""
    text = request.matchdict[name]
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS) or int(text) > LARGEST_ID:
        raise HTTPNotFound
    return int(text)


def my_user(request: Request, session: Session) -> User:
    """My account."""
    return session.get_one(User, request.me.user_id)


_zones: Final = RequestLocalCache(
    lambda request: zone_called(my_user(request, request.reading).time_zone))


def my_zone(request: Request) -> ZoneInfo:
    """My time zone, looked up once per request."""
    zone: ZoneInfo = _zones.get_or_create(request)
    return zone


def my_preference(request: Request, session: Session, context: str | None = None) -> Preference:
    """My preference for a context, that of the address by default. Raises :class:`HTTPNotFound`."""
    wanted = request.matchdict["context"] if context is None else context
    if wanted not in request.contexts:  # nothing could be sent there
        raise HTTPNotFound
    return _mine(session, _my_preferences(request).where(Preference.context == wanted))


def my_filter(request: Request, session: Session) -> Filter:
    """My filter that the address names by its id. Raises :class:`HTTPNotFound`."""
    return _mine(session, select(Filter).join(Preference, Preference.id == Filter.preference_id).where(
        Filter.id == number_in(request, "filter_id"), Preference.user_id == request.me.user_id))


def my_address(request: Request, session: Session) -> DetailValue:
    """My address that the address names by its id, with its preference. Raises :class:`HTTPNotFound`."""
    return _mine(session, select(DetailValue).join(DetailValue.preference).where(
        DetailValue.id == number_in(request, "address_id"), Preference.user_id == request.me.user_id,
    ).options(contains_eager(DetailValue.preference)))


def my_notification(request: Request, session: Session) -> Notification:
    """My notification that the address names by its id. Raises :class:`HTTPNotFound`."""
    return _mine(session, select(Notification).join(
        Preference, Preference.id == Notification.preference_id,
    ).where(
        Notification.id == number_in(request, "notification_id"), Preference.user_id == request.me.user_id))


def _my_preferences(request: Request) -> Select[Preference]:
    return select(Preference).where(Preference.user_id == request.me.user_id)


def _mine(session: Session, statement: Select[Row]) -> Row:
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise HTTPNotFound
    return found
