"""Watches: the packages, people, groups and applications that the account's owner watches in a context."""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import Field
from pyramid.httpexceptions import HTTPNotFound

from fmn.errors import UserError
from fmn.filters.watch_subjects import Subject, SubjectKind, WatchLevel, subject
from fmn.filters.watches import WatchedSubject, find_watch, unwatch, watch, watched_subjects
from fmn.people.models import Preference
from webapp.api.etags import expected_version
from webapp.api.filters import Undoable
from webapp.api.models import KeptContext, RequestModel, ResponseModel, Version
from webapp.api.operations import Operation, operation
from webapp.api.problems import ApiError, invalid
from webapp.identity import Permission
from webapp.owned import owned_preference
from webapp.request import Request


class Watch(ResponseModel):
    """A watch of a package, person, group or application.

    A watch is an ordinary filter: use its ``filter_id`` to rename, snooze or move it. With other rules, it’s
    no longer a watch. ``version`` is the filter’s.
    """

    context: KeptContext
    kind: SubjectKind
    name: str
    level: WatchLevel
    enabled: bool
    filter_id: int
    version: int

    @classmethod
    def of(cls, found: WatchedSubject, context: str) -> Self:
        """A watch that there is."""
        return cls(
            context=context, kind=found.subject.kind, name=found.subject.name, level=found.level,
            enabled=found.filter.enabled, filter_id=found.filter.id, version=found.filter.version)


class Watches(ResponseModel):
    """The watches of a context, in the order of their filters."""

    watches: list[Watch]


class WantedWatch(RequestModel):
    """How much to watch.

    Packages have the levels everything, failures and releases; people everything, actions and failures;
    groups everything, members and packages; applications everything, notable and failures.
    """

    level: Annotated[WatchLevel, Field(strict=False)] = WatchLevel.EVERYTHING
    version: Version = None


@operation("api_watches", "GET", Permission.READ)
def list_watches(request: Request) -> Watches:
    """List the watches of a context."""
    preference = owned_preference(request, request.read_session)
    found = watched_subjects(request.read_session, preference)
    return Watches(watches=[Watch.of(each, preference.context) for each in found])


@operation("api_watch", "GET", Permission.READ)
def show_watch(request: Request) -> Watch:
    """Show a watch.

    404 means that you don’t watch this in the context.
    """
    wanted = _subject(request)
    preference = owned_preference(request, request.read_session)
    found = find_watch(request.read_session, preference, wanted)
    if found is None:
        raise HTTPNotFound
    return Watch.of(found, preference.context)


@operation("api_watch", "PUT", Permission.WRITE, fails=(409, 412))
def set_watch(request: Request, body: WantedWatch) -> Watch:
    """Watch something, or change the level.

    Repeating it changes nothing. A watch that is off is switched on; a context that is off stays off. FMN
    needn’t know the name yet. A slash in a name may be written as ``%2F``.
    """
    wanted = _subject(request)
    if body.level not in wanted.levels:
        raise invalid(f"“level” must be {' or '.join(wanted.levels)}.", "/level")
    preference = owned_preference(request, request.db)
    watch(request.db, preference, wanted, body.level, expected_version(request, body.version))
    return _shown(request, preference, wanted)


@operation("api_watch", "DELETE", Permission.WRITE)
def remove_watch(request: Request) -> Undoable:
    """Stop watching something.

    Repeating it changes nothing.
    """
    changed = unwatch(request.db, owned_preference(request, request.db), _subject(request))
    return Undoable(undo=changed.undo_id if changed else None)


def _subject(request: Request) -> Subject:
    """What the address names. Raises :class:`ApiError` for what can't be a name."""
    kind = request.matchdict["kind"]
    if kind not in list(SubjectKind):
        raise HTTPNotFound
    try:
        return subject(SubjectKind(kind), request.matchdict["name"])
    except UserError as error:
        raise ApiError(404, str(error)) from None


def _shown(request: Request, preference: Preference, wanted: Subject) -> Watch:
    request.db.flush()
    found = find_watch(request.db, preference, wanted)
    assert found is not None
    return Watch.of(found, preference.context)


OPERATIONS: Final[tuple[Operation, ...]] = (list_watches, show_watch, set_watch, remove_watch)
