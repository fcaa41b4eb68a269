"""Preferences as a file: downloaded, and uploaded with a look at what would change before it does."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPConflict, HTTPNotFound, HTTPSeeOther, HTTPUnprocessableEntity
from pyramid.response import Response
from sqlalchemy.orm import Session

from fmn.catalog import catalog
from fmn.people.models import User
from fmn.preferences_io.apply import apply, lock
from fmn.preferences_io.export import preferences_of, write
from fmn.preferences_io.file_parser import LARGEST_FILE, FileError, Problem, read
from fmn.preferences_io.import_plan import Plan, Planner
from fmn.preferences_io.plan_description import Change, changes
from fmn.preferences_io.schema import Format, Preferences
from fmn.text import counted
from webapp.context_names import titled
from webapp.flash_messages import say
from webapp.owned import my_user
from webapp.request import Request

Page = Mapping[str, object]
MEDIA_TYPES: Final[Mapping[Format, str]] = {
    Format.TOML: "application/toml", Format.JSON: "application/json"}


@dataclass(frozen=True)
class Looked:
    """A file that was looked at, which may be imported unless it has problems.

    ``late`` says that something changed since its changes were shown.
    """

    content: str
    problems: Sequence[Problem] = ()
    changes: Sequence[Change] = ()
    late: bool = False

    @property
    def seen(self) -> str:
        """Stands for the changes that are shown, so that no others are made."""
        return hashlib.sha256("\n".join(map(repr, self.changes)).encode("utf-8", "replace")).hexdigest()

    @property
    def groups(self) -> Sequence[tuple[str, Sequence[Change]]]:
        """The changes by context, with a heading each."""
        return [(titled(context) if context else "Everywhere", list(found))
                for context, found in groupby(self.changes, key=lambda change: change.context)]


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(show, route_name="exchange", request_method="GET", renderer="exchange.mako")
    config.add_view(look_or_import, route_name="exchange", request_method="POST", renderer="exchange.mako")
    config.add_view(export, route_name="exchange_export", request_method="GET")


def show(_request: Request) -> Page:
    """What can be done with files."""
    return {"looked": None}


def export(request: Request) -> Response:
    """My preferences as a file."""
    wanted = request.GET.get("format", Format.TOML)
    if wanted not in list(Format):
        raise HTTPNotFound
    written = Format(wanted)
    user, rule_types = my_user(request, request.reading), request.services.rule_types
    preferences = preferences_of(request.reading, user, request.contexts, rule_types, request.now)
    name = re.sub(r"[^\w.-]", "_", user.nick, flags=re.ASCII)
    return Response(
        write(preferences, written, user.nick), content_type=MEDIA_TYPES[written], charset="UTF-8",
        content_disposition=f'attachment; filename="fmn-{name}.{written}"')


def look_or_import(request: Request) -> Page | Response:
    """Show what a file would change, or change it if that is what was shown."""
    data = _sent(request)
    content = data.decode("utf-8", "replace") if data.strip() else ""
    importing = request.POST.get("do") == "import"
    try:
        wanted = _read(data)  # first: whoever changes preferences waits for us from the lock on
        session = request.db if importing else request.reading
        user = lock(session, request.me.user_id) if importing else my_user(request, session)
        plan = _planner(request, session, user).plan(wanted)
    except FileError as error:
        request.response.status = HTTPUnprocessableEntity.code
        return {"looked": Looked(content[:LARGEST_FILE], error.problems)}
    looked = Looked(content, changes=changes(plan, request.services.rule_types))
    return _imported(request, plan, looked) if importing else {"looked": looked}


def _imported(request: Request, plan: Plan, looked: Looked) -> Page | Response:
    """What a plan says is done, if it's what was shown."""
    if request.POST.get("seen") != looked.seen:
        request.response.status = HTTPConflict.code
        return {"looked": Looked(looked.content, changes=looked.changes, late=True)}
    for sentence in apply(request.db, plan, request.now, request.services.settings.confirmation):
        say(request, sentence, trouble=True)
    number = counted(len(looked.changes), "change")
    say(request, f"Your preferences are imported: {number}, from the next message on.")
    return HTTPSeeOther(request.route_path("exchange"))


def _sent(request: Request) -> bytes:
    """The file, or what was written in its place."""
    file: Any = request.POST.get("file")
    if hasattr(file, "file"):
        data: bytes = file.file.read(LARGEST_FILE + 1)
        return data
    content: Any = request.POST.get("content", "")
    return content.encode("utf-8", "replace") if isinstance(content, str) else b""


def _read(data: bytes) -> Preferences:
    if not data.strip():
        raise FileError([Problem("", "Choose a file, or write one.")])
    return read(data)


def _planner(request: Request, session: Session, user: User) -> Planner:
    services = request.services
    return Planner(session, user, services.settings, services.rule_types, catalog(), request.now)
