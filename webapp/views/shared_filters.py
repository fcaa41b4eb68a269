"""Sharing filters by a link, and taking over what somebody shares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Annotated

from pydantic import Field
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPGone, HTTPSeeOther, HTTPUnprocessableEntity
from pyramid.renderers import render_to_response
from pyramid.response import Response
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from fmn.catalog import catalog
from fmn.errors import UserError
from fmn.filters.expression_description import describe_expression
from fmn.filters.models import Filter, SharedFilters
from fmn.filters.sharing import (
    MAX_FILTERS,
    find_shared,
    share_filters,
    shared_links,
    shared_specs,
    stop_sharing,
    take_over,
)
from fmn.filters.spec import FilterSpec
from fmn.infra.public_ids import LARGEST_ID
from fmn.ledger.day_range import DayRange
from fmn.localized import series
from fmn.matching.match_context import MatchContext
from fmn.matching.preview import Preview
from fmn.matching.several_previews import preview_each
from fmn.people.models import Preference
from fmn.translations import gettext as _
from fmn.translations import ngettext
from webapp.context_names import context_heading, context_name
from webapp.directory_or_none import directory_or_none
from webapp.filters.explanations import describe_message
from webapp.flash_messages import filter_undo_path, flash
from webapp.forms import Form, parse_whole_number, read_form
from webapp.humanize import messages_per_day, natural_date
from webapp.owned import current_user_zone, id_from_path, owned_preference
from webapp.request import Request

Page = Mapping[str, object]


RowNumber = Annotated[int, Field(ge=0, le=LARGEST_ID)]


class ShareForm(Form):
    """The filters to share, by id."""

    filter: Annotated[tuple[RowNumber, ...], Field(max_length=MAX_FILTERS)] = ()


class TakeOverForm(Form):
    """Which of the link's filters to take over, by number, and by which channel."""

    context: str
    take: tuple[int, ...] = ()

    def chosen(self, specs: Sequence[FilterSpec]) -> Sequence[FilterSpec]:
        """Those of the filters that are ticked. Raises :class:`~fmn.errors.UserError` if none is."""
        found = [spec for number, spec in enumerate(specs) if number in self.take]
        if not found:
            raise UserError(_("Choose at least one filter."), "take")
        return found


@dataclass(frozen=True)
class OfferedFilter:
    """A filter of a link, and what it would have matched for whoever reads it."""

    number: int
    spec: FilterSpec
    words: str
    rate: str
    example: str


@dataclass(frozen=True)
class SharedLink:
    """A link that one has made."""

    id: int
    url: str
    names: Sequence[str]
    made: str


def includeme(config: Configurator) -> None:
    """Add the views."""
    config.add_view(choose, route_name="share", request_method="GET", renderer="share.mako")
    config.add_view(make, route_name="share", request_method="POST", renderer="share.mako")
    config.add_view(stop, route_name="share_stop", request_method="POST")
    config.add_view(offer, route_name="shared", request_method="GET", renderer="shared.mako")
    config.add_view(take, route_name="shared", request_method="POST", renderer="shared.mako")


def choose(request: Request) -> Page:
    """Choose filters to share, and the links made before."""
    return _choices(request, [
        number for each in request.GET.getall("filter")
        if (number := parse_whole_number(each)) is not None])


def make(request: Request) -> Page | Response:
    """Make a link for the chosen filters."""
    preference = owned_preference(request, request.db)
    try:
        form = read_form(ShareForm, request.POST)
        filters = request.db.scalars(
            select(Filter).options(joinedload(Filter.stored))
            .where(Filter.preference_id == preference.id, Filter.id.in_(form.filter))
            .order_by(Filter.position)).all()
        share_filters(request.db, request.me.user_id, filters, request.now)
    except UserError as error:
        request.response.status = HTTPUnprocessableEntity.code
        return {**_choices(request, ()), "problem": str(error)}
    flash(request, _("Here is your link. It keeps these filters as they are now."))
    return HTTPSeeOther(request.route_path("share", context=preference.context, _anchor="links"))


def stop(request: Request) -> Response:
    """Let a link stop working. Idempotent."""
    if stop_sharing(request.db, request.me.user_id, id_from_path(request, "shared_id")):
        flash(request, _("The link doesn’t work any more."))
    return HTTPSeeOther(request.route_path("share", context=request.contexts[0], _anchor="links"))


def _choices(request: Request, chosen: Sequence[int]) -> Page:
    preference = owned_preference(request, request.read_session)
    filters = request.read_session.scalars(
        select(Filter).where(Filter.preference_id == preference.id).options(joinedload(Filter.stored))
        .order_by(Filter.position, Filter.id)).all()
    return {
        "here": preference.context, "by": context_name(preference.context),
        "heading": context_heading(preference.context), "chosen": frozenset(chosen), "problem": "",
        "mine": [(each.id, each.name, _words(request, FilterSpec.of(each))) for each in filters],
        "made": [_link(request, each) for each in shared_links(request.read_session, request.me.user_id)]}


def _link(request: Request, shared: SharedFilters) -> SharedLink:
    return SharedLink(
        shared.id, request.links.shared(shared.public_id), [each.name for each in shared_specs(shared)],
        natural_date(shared.created_at, current_user_zone(request)))


def _words(request: Request, spec: FilterSpec) -> str:
    """Description of a filter, in English; ``""`` if it can't be read any more."""
    rule_types = request.services.rule_types
    return describe_expression(spec.expression, rule_types) if spec.expression else ""


def offer(request: Request) -> Page | Response:
    """The filters of a link: what each asks and would have matched."""
    specs = find_shared(request.read_session, request.links.read_shared(request.matchdict["token"]))
    return _offered(request, specs) if specs else _gone(request)


def take(request: Request) -> Page | Response:
    """Take filters of a link over. Idempotent."""
    specs = find_shared(request.db, request.links.read_shared(request.matchdict["token"]))
    if not specs:
        return _gone(request)
    try:
        form = read_form(TakeOverForm, request.POST)
        preference = owned_preference(request, request.db, form.context)
        taken = take_over(request.db, preference, form.chosen(specs))
    except UserError as error:
        request.response.status = HTTPUnprocessableEntity.code
        return {**_offered(request, specs), "problem": str(error)}
    _say(request, preference, taken.names, taken.undo_id)
    return HTTPSeeOther(request.route_path("filters", context=preference.context))


def _say(request: Request, preference: Preference, names: Sequence[str], undo_id: int | None) -> None:
    by = context_name(preference.context)
    if not names:
        flash(request, _("You have these filters already by {channel}.").format(channel=by))
        return
    added = series(_("“{name}”").format(name=name) for name in names)
    said = ngettext("Added {names} by {channel}.", "Added {names} by {channel}.", len(names))
    off = "" if preference.enabled else " " + _("{channel} is switched off.").format(
        channel=context_heading(preference.context))
    flash(request, said.format(names=added, channel=by) + off, undo=filter_undo_path(request, undo_id))


def _gone(request: Request) -> Response:
    response = render_to_response("shared_gone.mako", {}, request=request)
    response.status = HTTPGone.code
    return response


def _offered(request: Request, specs: Sequence[FilterSpec]) -> Page:
    return {
        "offers": list(_offers(request, specs)), "problem": "",
        "channels": [(each, context_heading(each)) for each in request.contexts]}


def _offers(request: Request, specs: Sequence[FilterSpec]) -> Iterator[OfferedFilter]:
    directory = directory_or_none(request.services)
    previews: Iterable[Preview | None] = repeat(None)
    if directory is not None:
        match_context = MatchContext(request.services.rule_types, catalog(), directory)
        window = DayRange(request.now, zone=current_user_zone(request))
        previews = preview_each(
            request.read_session, [each.expression for each in specs if each.expression is not None],
            request.me.nick, match_context, window)
    for number, (spec, found) in enumerate(zip(specs, previews, strict=False)):
        newest = found.newest[0] if found and found.newest else None
        yield OfferedFilter(
            number, spec, _words(request, spec), messages_per_day(found.average) if found else "",
            describe_message(newest, catalog(), directory).summary if newest else "")
