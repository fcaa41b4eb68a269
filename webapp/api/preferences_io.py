"""All preferences at once, as a file that a person may edit as well."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from fmn.catalog import catalog
from fmn.preferences_io.apply import apply_plan, lock_for_import
from fmn.preferences_io.export import preferences_document, render_file
from fmn.preferences_io.file_parser import FileSyntaxError, PreferencesFileError, parse_file
from fmn.preferences_io.import_plan import ImportPlanner
from fmn.preferences_io.plan_description import ChangeKind, planned_changes
from fmn.preferences_io.schema import Format, Preferences
from webapp.api.models import KeptContext, QueryBool, QueryModel, ResponseModel
from webapp.api.operations import Operation, operation
from webapp.api.problems import ApiError, Error
from webapp.api.request_parsing import JSON, TOML, File
from webapp.identity import Permission
from webapp.owned import current_user
from webapp.request import Request

#: How a body is written, by its type, and the other way round.
FORMATS: Final = {JSON: Format.JSON, TOML: Format.TOML}
MEDIA_TYPES: Final = {written: media_type for media_type, written in FORMATS.items()}


class ExportQuery(QueryModel):
    """Format of the file."""

    format: Annotated[Literal["json", "toml"], Field(description="Format of the file.")] = "json"


class ImportQuery(QueryModel):
    """Whether it’s done."""

    dry_run: Annotated[QueryBool, Field(
        description="Only report what would change, without changing anything.")] = False


class Change(ResponseModel):
    """A change, in a context or everywhere."""

    kind: ChangeKind
    context: KeptContext | None
    sentence: str


class Imported(ResponseModel):
    """The changes. ``notes`` are further remarks."""

    changes: list[Change]
    notes: list[str]


@operation("api_preferences", "GET", Permission.READ)
def export_preferences(request: Request, query: ExportQuery) -> File:
    """Export all preferences as a file."""
    user = current_user(request, request.read_session)
    found = preferences_document(
        request.read_session, user, request.contexts, request.services.rule_types, request.now)
    written = Format(query.format)
    return File(MEDIA_TYPES[written], render_file(found, written, user.nick))


@operation("api_preferences", "PUT", Permission.WRITE)
def import_preferences(request: Request, query: ImportQuery, body: File) -> Imported:
    """Import preferences from a file and return the changes.

    Each group in the file replaces the whole group; fields that the group leaves out get their defaults.
    Groups that aren’t in the file stay as they are. New addresses have to be confirmed.
    """
    services = request.services
    session = request.read_session if query.dry_run else request.db
    try:
        wanted = _read(body)  # first: whoever changes preferences waits for us from the lock on
        user = current_user(request, session) if query.dry_run else lock_for_import(
            session, request.me.user_id)
        planner = ImportPlanner(session, user, services.settings, services.rule_types, catalog(), request.now)
        plan = planner.plan(wanted)
    except FileSyntaxError as error:
        raise ApiError(400, str(error)) from None
    except PreferencesFileError as error:
        errors = [Error(place=each.place, detail=each.detail) for each in error.problems]
        raise ApiError(422, str(error.problems[0]), errors) from None
    found = planned_changes(plan, services.rule_types)
    notes = [] if query.dry_run else apply_plan(session, plan, request.now, services.settings.confirmation)
    return Imported(
        changes=[Change(kind=each.kind, context=each.context or None, sentence=each.sentence)
                 for each in found],
        notes=list(notes))


def _read(body: File) -> Preferences:
    return parse_file(body.text.encode(), FORMATS[body.media_type])


OPERATIONS: Final[tuple[Operation, ...]] = (export_preferences, import_preferences)
