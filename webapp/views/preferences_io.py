"""Import and export of preferences, with a review of changes before an import."""

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
from fmn.localized import number_text
from fmn.people.models import User
from fmn.preferences_io.apply import apply_plan, lock_for_import
from fmn.preferences_io.export import preferences_document, render_file
from fmn.preferences_io.file_parser import MAX_FILE_BYTES, FileProblem, PreferencesFileError, parse_file
from fmn.preferences_io.import_plan import ImportPlan, ImportPlanner
from fmn.preferences_io.plan_description import PlannedChange, planned_changes
from fmn.preferences_io.schema import Format, Preferences
from fmn.translations import gettext, ngettext
from webapp.context_names import context_heading
from webapp.flash_messages import flash
from webapp.owned import current_user
from webapp.request import Request

Page = Mapping[str, object]
MEDIA_TYPES: Final[Mapping[Format, str]] = {
    Format.TOML: "application/toml", Format.JSON: "application/json"}


@dataclass(frozen=True)
class ImportReview:
    """Review of an uploaded file, which can be imported unless it has problems.

    ``outdated`` means that preferences changed after the review was shown.
    """

    content: str
    problems: Sequence[FileProblem] = ()
    changes: Sequence[PlannedChange] = ()
    outdated: bool = False

    @property
    def changes_digest(self) -> str:
        """Stands for the changes that are shown, so that no others are made."""
        return hashlib.sha256("\n".join(map(repr, self.changes)).encode("utf-8", "replace")).hexdigest()

    @property
    def groups(self) -> Sequence[tuple[str, Sequence[PlannedChange]]]:
        """The changes by context, with a heading each."""
        return [(context_heading(context) if context else gettext("Everywhere"), list(found))
                for context, found in groupby(self.changes, key=lambda change: change.context)]


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(show, route_name="exchange", request_method="GET", renderer="preferences_io.mako")
    config.add_view(
        review_or_import, route_name="exchange", request_method="POST", renderer="preferences_io.mako")
    config.add_view(export, route_name="exchange_export", request_method="GET")


def show(_request: Request) -> Page:
    """Import and export page."""
    return {"review": None}


def export(request: Request) -> Response:
    """Preferences as a file."""
    wanted = request.GET.get("format", Format.TOML)
    if wanted not in list(Format):
        raise HTTPNotFound
    written = Format(wanted)
    user, rule_types = current_user(request, request.read_session), request.services.rule_types
    preferences = preferences_document(request.read_session, user, request.contexts, rule_types, request.now)
    name = re.sub(r"[^\w.-]", "_", user.nick, flags=re.ASCII)
    return Response(
        render_file(preferences, written, user.nick), content_type=MEDIA_TYPES[written], charset="UTF-8",
        content_disposition=f'attachment; filename="fmn-{name}.{written}"')


def review_or_import(request: Request) -> Page | Response:
    """Review an uploaded file, or import it if its changes are the reviewed ones."""
    data = _uploaded(request)
    content = data.decode("utf-8", "replace") if data.strip() else ""
    importing = request.POST.get("do") == "import"
    try:
        wanted = _read(data)  # first: whoever changes preferences waits for us from the lock on
        session = request.db if importing else request.read_session
        user = lock_for_import(session, request.me.user_id) if importing else current_user(request, session)
        plan = _planner(request, session, user).plan(wanted)
    except PreferencesFileError as error:
        request.response.status = HTTPUnprocessableEntity.code
        return {"review": ImportReview(content[:MAX_FILE_BYTES], error.problems)}
    review = ImportReview(content, changes=planned_changes(plan, request.services.rule_types))
    return _imported(request, plan, review) if importing else {"review": review}


def _imported(request: Request, plan: ImportPlan, review: ImportReview) -> Page | Response:
    """Apply a plan if its changes are the reviewed ones."""
    if request.POST.get("seen") != review.changes_digest:
        request.response.status = HTTPConflict.code
        return {"review": ImportReview(review.content, changes=review.changes, outdated=True)}
    for sentence in apply_plan(request.db, plan, request.now, request.services.settings.confirmation):
        flash(request, sentence, error=True)
    flash(request, ngettext(
        "Imported your preferences: {number} change, starting with the next message.",
        "Imported your preferences: {number} changes, starting with the next message.",
        len(review.changes)).format(number=number_text(len(review.changes))))
    return HTTPSeeOther(request.route_path("exchange"))


def _uploaded(request: Request) -> bytes:
    """Content of the uploaded file or of the text field."""
    file: Any = request.POST.get("file")
    if hasattr(file, "file"):
        data: bytes = file.file.read(MAX_FILE_BYTES + 1)
        return data
    content: Any = request.POST.get("content", "")
    return content.encode("utf-8", "replace") if isinstance(content, str) else b""


def _read(data: bytes) -> Preferences:
    if not data.strip():
        raise PreferencesFileError([FileProblem("", gettext("Choose a file to import."))])
    return parse_file(data)


def _planner(request: Request, session: Session, user: User) -> ImportPlanner:
    services = request.services
    return ImportPlanner(session, user, services.settings, services.rule_types, catalog(), request.now)
