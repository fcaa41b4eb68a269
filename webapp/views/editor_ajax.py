"""Requests of the filter editor's scripts: preview and completions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNotFound, HTTPTooManyRequests
from pyramid.renderers import render_to_response
from pyramid.response import Response

from fmn.directory.snapshot import Directory
from fmn.filters.group_filters import group_preference
from fmn.matching.completion import CompletionKind
from fmn.matching.deadlines import IsAbandoned, RequestAbandonedError
from fmn.matching.subject_lookup import SubjectLookup
from webapp.directory_or_none import directory_or_none
from webapp.filters.drafts import Draft
from webapp.filters.editor_page import EditorTarget, draft_reviewer, form_fields, previewer
from webapp.filters.preview_lock import BUSY, RETRY_AFTER_SECONDS, PreviewBusyError, preview_lock
from webapp.forms import parse_whole_number
from webapp.groups import editable_group
from webapp.owned import owned_preference
from webapp.request import Request

#: Names of all kinds of subjects, as one writes them to watch one.
SUBJECTS: Final = "subjects"
#: Characters of a name's beginning; no name is longer.
LONGEST_BEGINNING: Final = 200


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(preview, route_name="preview", request_method="POST")
    config.add_view(completions, route_name="completions", request_method="GET", renderer="json")


def preview(request: Request) -> Response:
    """Preview fragment: findings and matching messages of a draft.

    With ``do=why:…``, the verdict on that message.
    """
    try:
        with preview_lock(request) as is_abandoned:
            return _preview(request, is_abandoned)
    except (PreviewBusyError, RequestAbandonedError):
        return HTTPTooManyRequests(BUSY, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


def _preview(request: Request, is_abandoned: IsAbandoned) -> Response:
    form = form_fields(request)
    target = _target(request, form)
    draft, previews = Draft.from_form(form), previewer(request, is_abandoned)
    reviewer = draft_reviewer(request, target, parse_whole_number(form.get("filter_id", "")))
    action, _, what = form.get("do", "").partition(":")
    if action == "why":
        asked = reviewer.check(draft).expression
        tried = previews.test_message(asked, what) if previews and asked else None
        return render_to_response("message_verdict.mako", {"tried": tried}, request=request)
    review = reviewer.review(draft, previews, form.get("message", "").strip())
    return render_to_response("preview.mako", {"draft": draft, "review": review}, request=request)


def _target(request: Request, form: Mapping[str, str]) -> EditorTarget:
    """What the form edits: a filter of the user's own, or of a group."""
    session, group = request.read_session, form.get("group", "")
    if not group:
        return EditorTarget(owned_preference(request, session, form.get("context", "")))
    name = editable_group(request, session, group).name
    return EditorTarget(group_preference(session, name), group=name)


def completions(request: Request) -> Mapping[str, Sequence[str]]:
    """Names of a kind that start with ``q``."""
    what = request.matchdict["what"]
    if what not in (SUBJECTS, *CompletionKind):
        raise HTTPNotFound
    beginning = request.GET.get("q", "")[:LONGEST_BEGINNING]
    # Without a directory, what the bus brought is offered all the same.
    directory = directory_or_none(request.services) or Directory()
    completer = request.services.completer
    if what == SUBJECTS:
        lookup = SubjectLookup(request.read_session, completer, directory, request.now)
        return {"names": lookup.complete(beginning)}
    return {"names": completer.complete(
        request.read_session, directory, CompletionKind(what), beginning, request.now)}
