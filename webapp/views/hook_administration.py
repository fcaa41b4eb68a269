"""Administrators' pages about webhooks of forges: the list, one with its deliveries, and its secret once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated, Final

from pydantic import BeforeValidator, Field
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther, HTTPUnprocessableEntity
from pyramid.response import Response
from sqlalchemy.orm import Session

from fmn.administration.hook_management import (
    NewHook,
    add_hook,
    default_topic_prefix,
    find_hook,
    hook_url,
    hooks,
    remove_hook,
    rotate_secret,
    secret_of,
    switch_hook,
)
from fmn.errors import ConflictError, UserError
from fmn.sources.webhooks.deliveries import MOST_DELIVERIES, last_deliveries
from fmn.sources.webhooks.forges import FORGES
from fmn.sources.webhooks.models import Hook
from fmn.sources.webhooks.outcomes import Outcome
from fmn.text import one_line
from fmn.translations import gettext as _
from webapp.flash_messages import flash
from webapp.forms import Form, parse_whole_number, read_form
from webapp.identity import Permission
from webapp.request import Request

Page = Mapping[str, object]

#: Outcomes of deliveries by their codes, and of codes that a newer version has written.
OUTCOMES: Final[Mapping[str, Outcome]] = {outcome.value: outcome for outcome in Outcome}


class NewHookForm(Form):
    """Form of a new webhook."""

    name: Annotated[str, BeforeValidator(one_line), Field(min_length=1, max_length=50)]
    forge: str
    topic_prefix: Annotated[str, Field(min_length=1, max_length=100)]
    logins_are_accounts: bool = False
    private_too: bool = False


def includeme(config: Configurator) -> None:
    """Add the views."""
    for view, route, method, renderer in (
        (overview, "admin_hooks", "GET", "admin_hooks.mako"),
        (add, "admin_hooks", "POST", "admin_hooks.mako"),
        (one, "admin_hook", "GET", "admin_hook.mako"),
        (act, "admin_hook_action", "POST", "admin_hook.mako"),
    ):
        config.add_view(
            view, route_name=route, request_method=method, renderer=renderer,
            permission=Permission.ADMINISTER)


def overview(request: Request) -> Page:
    """All webhooks, and the form for another one."""
    return _overview(request, {
        "name": "", "forge": next(iter(FORGES)), "logins_are_accounts": True, "private_too": False,
        "topic_prefix": default_topic_prefix(request.services.settings)}, {})


def add(request: Request) -> Page | Response:
    """Add a webhook. The response shows its secret, because it can't be shown later, and so isn't a redirect.

    Submitting the form again adds none, because the name is taken.
    """
    try:
        form = read_form(NewHookForm, request.POST)
        hook = add_hook(request.db, request.me.nick, NewHook(**form.model_dump()), request.now)
    except UserError as error:
        request.response.status = HTTPUnprocessableEntity.code
        ticked = {name: name in request.POST for name in ("logins_are_accounts", "private_too")}
        return _overview(request, {
            "name": "", "forge": "", "topic_prefix": "", **dict(request.POST.items()), **ticked},
            error.by_field)
    request.override_renderer = "admin_hook.mako"
    return _page(request, request.db, hook, secret=secret_of(request.services.settings, hook))


def one(request: Request) -> Page:
    """One webhook, with its last deliveries."""
    return _page(request, request.read_session, _hook(request, request.read_session))


def act(request: Request) -> Page | Response:
    """Rotate a webhook's secret, enable, disable or remove it."""
    action = ACTIONS.get(request.matchdict["action"])
    if action is None:
        raise HTTPNotFound
    return action(request, _hook(request, request.db))


def _rotate(request: Request, hook: Hook) -> Page | Response:
    overlap = timedelta(hours=request.services.settings.hooks.overlap_hours)
    generation = parse_whole_number(request.POST.get("generation", "")) or 0
    try:
        rotate_secret(request.db, request.me.nick, hook, request.now, overlap, generation=generation)
    except ConflictError:
        flash(
            request, _("Nothing was changed: somebody else has rotated the secret meanwhile."), error=True)
        return HTTPSeeOther(request.route_path("admin_hook", name=hook.name))
    return _page(request, request.db, hook, secret=secret_of(request.services.settings, hook))


def _switch(request: Request, hook: Hook) -> Response:
    on = request.matchdict["action"] == "enable"
    switch_hook(request.db, request.me.nick, hook, on=on)
    said = _("Enabled “{name}”.") if on else _("Disabled “{name}”.")
    flash(request, said.format(name=hook.name))
    return HTTPSeeOther(request.route_path("admin_hook", name=hook.name))


def _remove(request: Request, hook: Hook) -> Response:
    remove_hook(request.db, request.me.nick, hook)
    flash(request, _("Removed “{name}”. Remove it at the forge, too.").format(name=hook.name))
    return HTTPSeeOther(request.route_path("admin_hooks"))


ACTIONS: Final[Mapping[str, Callable[[Request, Hook], Page | Response]]] = {
    "rotate": _rotate, "enable": _switch, "disable": _switch, "remove": _remove}


def _hook(request: Request, session: Session) -> Hook:
    try:
        return find_hook(session, request.matchdict["name"])
    except UserError:
        raise HTTPNotFound from None


def _overview(request: Request, typed: Mapping[str, object], problems: Mapping[str, str]) -> Page:
    return {
        "hooks": hooks(request.read_session), "forges": FORGES, "typed": typed, "problems": problems,
        "unknown": last_deliveries(request.read_session, None, 1),
        "url": lambda hook: hook_url(request.services.settings, hook.name)}


def _page(request: Request, session: Session, hook: Hook, secret: str = "") -> Page:
    return {
        "hook": hook, "forge": FORGES[hook.forge].title, "secret": secret, "now": request.now,
        "url": hook_url(request.services.settings, hook.name),
        "hours": request.services.settings.hooks.overlap_hours,
        "deliveries": last_deliveries(session, hook.id, MOST_DELIVERIES), "outcomes": OUTCOMES}
