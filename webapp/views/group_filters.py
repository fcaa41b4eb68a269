"""Filters of groups: the list that members see, their opting out, and editing for those who may."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.response import Response
from sqlalchemy import func, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from fmn.administration.audit_log import log_action
from fmn.administration.group_editing import (
    DELETED,
    MOVED,
    RESTORED,
    SAVED,
    SWITCHED,
    change_group_filters,
)
from fmn.errors import UserError
from fmn.filters.editing import add_filter_once, edit_filter, move_filter, remove_filter, set_filter_enabled
from fmn.filters.expressions import Expression
from fmn.filters.group_filters import (
    MAX_MEMBERS,
    add_editor,
    editors_of,
    get_or_create_group_preference,
    group_preference,
    opt_in,
    opt_out,
    opted_out,
    remove_editor,
)
from fmn.filters.locking import atomic
from fmn.filters.models import Filter, GroupOptOut
from fmn.filters.spec import FilterSpec
from fmn.filters.undo import undo
from fmn.people.models import Preference
from fmn.translations import gettext as _
from fmn.translations import mark
from webapp.filters.drafts import Draft
from webapp.filters.editor_actions import SEARCH_ID
from webapp.filters.editor_page import EditorState, EditorTarget, filter_page, saved_draft
from webapp.filters.filter_list import FilterListItem, group_list_items
from webapp.filters.filter_list_forms import MoveForm, SwitchForm
from webapp.flash_messages import flash
from webapp.forms import Form, read_form
from webapp.groups import (
    GroupAccess,
    directory_groups,
    editable_group,
    filter_of_group,
    group_access,
    listed_groups,
)
from webapp.identity import Permission
from webapp.owned import id_from_path
from webapp.request import Request
from webapp.views.filter_editor import continue_editing, gone_page
from webapp.views.filters import undone_sentence

Page = Mapping[str, object]


class EditorForm(Form):
    """A member who may edit a group's filters from now on, or no longer."""

    nick: str
    action: str = "add"


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(show_all, route_name="groups", request_method="GET", renderer="groups.mako")
    config.add_view(show, route_name="group_filters", request_method="GET", renderer="group_filters.mako")
    config.add_view(choose, route_name="group_choice", request_method="POST")
    config.add_view(
        name_editor, route_name="group_editors", request_method="POST", renderer="group_filters.mako",
        permission=Permission.ADMINISTER)
    editor = "filter_editor.mako"
    config.add_view(begin, route_name="group_filter_new", request_method="GET", renderer=editor)
    config.add_view(create, route_name="group_filter_new", request_method="POST", renderer=editor)
    config.add_view(edit, route_name="group_filter", request_method="GET", renderer=editor)
    config.add_view(change, route_name="group_filter", request_method="POST", renderer=editor)
    config.add_view(act, route_name="group_filter_action", request_method="POST")
    config.add_view(undo_removal, route_name="group_undo", request_method="POST")


def show_all(request: Request) -> Page | Response:
    """The user's groups that have filters or whose editor they are; for administrators any, by its name."""
    name, is_administrator = request.GET.get("name", "").strip(), request.me.is_administrator
    if is_administrator and name in directory_groups(request):
        return _back(request, name)
    return {
        "groups": listed_groups(request, request.read_session), "unknown": name if is_administrator else ""}


def show(request: Request) -> Page:
    """A group's filters."""
    return _page(request, group_access(request, request.read_session))


def _page(request: Request, group: GroupAccess, problem: str = "", typed: str = "") -> Page:
    session = request.read_session
    out = session.scalars(select(func.count()).select_from(GroupOptOut).where(
        GroupOptOut.group_name == group.name)).one() if group.may_edit else 0
    return {
        "group": group,
        "listed": _filters(request, session, group.name),
        "opted_out": group.name in opted_out(session, request.me.user_id),
        "opted_out_count": out,
        "too_large": len(group.members) > MAX_MEMBERS,
        "editors": editors_of(session, group.name),
        "problem": problem, "typed": typed,
    }


def _filters(request: Request, session: Session, group: str) -> Sequence[FilterListItem]:
    preference = group_preference(session, group)
    return [] if preference is None else group_list_items(request, session, preference)


def choose(request: Request) -> Response:
    """Opt out of a group's filters, or have them again."""
    group, user_id = group_access(request, request.db), request.me.user_id
    if not group.is_member:
        raise HTTPNotFound
    back = request.route_path("group_choice", group=group.name, choice="opt-in")
    if request.matchdict["choice"] == "opt-out":
        opt_out(request.db, user_id, group.name)
        flash(request, _("You no longer get the filters of the group {group}.").format(group=group.name),
              undo=back)
    else:
        opt_in(request.db, user_id, group.name)
        flash(request, _("You get the filters of the group {group}, starting with the next message.").format(
            group=group.name), undo=request.route_path("group_choice", group=group.name, choice="opt-out"))
    return _back(request, group.name)


def name_editor(request: Request) -> Page | Response:
    """Let a member edit the group's filters, or no longer; for administrators."""
    group = group_access(request, request.db)
    form = read_form(EditorForm, request.POST)
    try:
        _change_editor(request, group, form)
    except UserError as error:
        request.response.status = 422
        return _page(request, group, str(error), form.nick)
    return _back(request, group.name)


def _change_editor(request: Request, group: GroupAccess, form: EditorForm) -> None:
    if form.action == "remove":
        changed = remove_editor(request.db, group.name, form.nick)
        sentence = _("{nick} can no longer edit the group’s filters.")
        action = mark("removed a group's editor")
    else:
        changed = add_editor(request.db, group.name, form.nick, group.members)
        sentence, action = _("{nick} can edit the group’s filters."), mark("named a group's editor")
    if changed:
        log_action(request.db, request.me.nick, action, form.nick, group=group.name)
    flash(request, sentence.format(nick=form.nick))


def begin(request: Request) -> Page:
    """Editor for a new filter of a group."""
    return filter_page(request, _new_target(request), Draft(), EditorState(focus=SEARCH_ID))


def create(request: Request) -> Page | Response:
    """Run an editor action on a new filter of a group, or save it."""
    return continue_editing(request, _new_target(request), _storing(request))


def edit(request: Request) -> Page:
    """Editor for a saved filter of a group."""
    target = _target(request)
    assert target.chosen is not None
    draft, notice = saved_draft(request, target.chosen)
    return filter_page(request, target, draft, EditorState(notice=notice))


def change(request: Request) -> Page | Response:
    """Run an editor action on a group's filter, or save it. One that is gone can be saved as a new one."""
    try:
        target = _target(request)
    except HTTPNotFound:
        return gone_page(request, _new_target(request))
    return continue_editing(request, target, _storing(request))


def _new_target(request: Request) -> EditorTarget:
    session = request.read_session
    group = editable_group(request, session)
    return EditorTarget(group_preference(session, group.name), group=group.name, members=group.reached)


def _target(request: Request) -> EditorTarget:
    session = request.read_session
    group = editable_group(request, session)
    chosen = filter_of_group(request, session, group)
    preference = session.get_one(Preference, chosen.preference_id)
    return EditorTarget(preference, chosen, group.name, group.reached)


def _storing(request: Request) -> Callable[[Session, EditorTarget, Draft, Expression], bool]:
    """What saves a group's filter in the user's name."""
    @atomic
    def store(session: Session, target: EditorTarget, draft: Draft, expression: Expression) -> bool:
        preference = get_or_create_group_preference(session, target.group)

        def save(session: Session) -> bool:
            if target.filter_id is None:
                new = draft.applied_to(FilterSpec(name=draft.name), expression)
                return add_filter_once(session, preference, new).new
            return edit_filter(
                session, target.filter_id, lambda there: draft.applied_to(there, expression),
                seen=draft.version).changed or True

        return change_group_filters(
            session, preference, request.me.nick, SAVED, save, request.now,
            filter=draft.name, members=target.members)

    return store


def act(request: Request) -> Response:
    """Switch, move or delete a group's filter."""
    if request.matchdict["action"] not in _ACTIONS:
        raise HTTPNotFound
    action, logged = _ACTIONS[request.matchdict["action"]]
    group = editable_group(request, request.db)
    chosen = filter_of_group(request, request.db, group)
    preference = request.db.get_one(Preference, chosen.preference_id)
    try:
        done = change_group_filters(
            request.db, preference, request.me.nick, logged,
            lambda _session: action(request, group.name, chosen), request.now, filter=chosen.name)
    except UserError as error:
        flash(request, str(error), error=True)
    else:
        flash(request, done.sentence, undo=done.undo)
    return _back(request, group.name)


class _Done(NamedTuple):
    """What an action did, and the path that undoes it. It's taken back if the group's budget forbids it."""

    sentence: str
    undo: str | None = None


def _switch(request: Request, _group: str, chosen: Filter) -> _Done:
    on = read_form(SwitchForm, request.POST).on
    set_filter_enabled(request.db, chosen.id, enabled=on)
    words = _("Switched “{name}” on for the group.") if on else _("Switched “{name}” off for the group.")
    return _Done(words.format(name=chosen.name))


def _move(request: Request, _group: str, chosen: Filter) -> _Done:
    position = move_filter(request.db, chosen.id, read_form(MoveForm, request.POST).position)
    return _Done(_("Moved “{name}” to position {position}.").format(
        name=chosen.name, position=position + 1))


def _delete(request: Request, group: str, chosen: Filter) -> _Done:
    name, kept = chosen.name, remove_filter(request.db, chosen.id)
    return _Done(
        _("Deleted “{name}” for the group.").format(name=name),
        request.route_path("group_undo", group=group, undo_id=kept))


#: What they do, and what the audit log calls it.
_ACTIONS: Final[Mapping[str, tuple[Callable[[Request, str, Filter], _Done], str]]] = {
    "switch": (_switch, SWITCHED), "move": (_move, MOVED), "delete": (_delete, DELETED)}


def undo_removal(request: Request) -> Response:
    """Restore a deleted filter of a group."""
    group = editable_group(request, request.db)
    preference = group_preference(request.db, group.name)
    if preference is None:
        raise HTTPNotFound
    try:
        undone = change_group_filters(
            request.db, preference, request.me.nick, RESTORED,
            lambda session: undo(session, preference.user_id, id_from_path(request, "undo_id")), request.now)
    except NoResultFound:
        raise HTTPNotFound from None
    except UserError as error:
        flash(request, str(error), error=True)
    else:
        flash(request, undone_sentence(undone))
    return _back(request, group.name)


def _back(request: Request, group: str) -> Response:
    return HTTPSeeOther(request.route_path("group_filters", group=group))


