"""The commands ``list categories``, ``list rules`` and ``list filters``."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from fmn.chat_commands.reply_format import (
    MAX_NAME_LENGTH,
    MAX_SENTENCE_LENGTH,
    Requester,
    truncate_lines,
    wrap_names,
)
from fmn.delivery.signed_links import Links
from fmn.filters.expression_description import describe_expression
from fmn.filters.generic_rules import GENERIC_APPLICATION
from fmn.filters.models import Filter
from fmn.filters.rule_definition import RuleType
from fmn.filters.rule_types import RuleTypes
from fmn.text import shorten
from fmn.translations import gettext


def category_lines(rule_types: RuleTypes) -> Sequence[str]:
    """Names of the applications that have rules."""
    return [*wrap_names(sorted({each.application for each in _offered(rule_types)})),
            gettext("Say “list rules” and one of these to see its rules.")]


def rule_lines(category: str, rule_types: RuleTypes, links: Links) -> Sequence[str]:
    """Names and titles of an application's rules."""
    offered = _offered(rule_types)
    names = sorted({each.application for each in offered})
    if category not in names:
        close = get_close_matches(category, names, n=1)
        told = gettext("There is no category “{name}”. Did you mean “{meant}”?") if close else gettext(
            "There is no category “{name}”. “list categories” lists them.")
        return [told.format(name=shorten(category, MAX_NAME_LENGTH), meant="".join(close))]
    page = links.help() if category == GENERIC_APPLICATION else links.catalogue(category)
    rules = [f"{each.name}: {each.title}" for each in offered if each.application == category]
    return truncate_lines(rules, page)


def _offered(rule_types: RuleTypes) -> Sequence[RuleType]:
    return [each for each in rule_types.by_name.values() if each.offered]


def filter_lines(
    session: Session, requester: Requester, name: str, rule_types: RuleTypes, links: Links,
) -> Sequence[str]:
    """The requester's filters, a line each, or one of them by name or number."""
    page = links.filters(requester.preference.context)
    there = session.scalars(
        select(Filter).options(joinedload(Filter.stored))
        .where(Filter.preference_id == requester.preference.id).order_by(Filter.position, Filter.id)).all()
    if not there:
        return [gettext("You have no filters here, so you get no notifications. Create one: {page}").format(
            page=page)]
    if name:
        return _chosen(there, name, requester, rule_types, links)
    return truncate_lines(
        [f"{number}. {_in_a_line(each, requester, rule_types)}" for number, each in enumerate(there, 1)],
        page)


def _in_a_line(one: Filter, requester: Requester, rule_types: RuleTypes) -> str:
    asks = shorten(describe_filter(one, rule_types), MAX_SENTENCE_LENGTH)
    return f"{shorten(one.name, MAX_NAME_LENGTH)} ({_state(one, requester)}): {asks}"


def _chosen(
    there: Sequence[Filter], name: str, requester: Requester, rule_types: RuleTypes, links: Links,
) -> Sequence[str]:
    """A filter by its name or its number in the list."""
    names = [each.name.casefold() for each in there]
    found = [each for each in there if each.name.casefold() == name.casefold()]
    if not found and name.isdecimal() and 0 < int(name[:9]) <= len(there):
        found = [there[int(name[:9]) - 1]]
    if found:
        return truncate_lines(
            [f"{_in_a_line(each, requester, rule_types)} – {links.filter(each.id)}" for each in found],
            links.filters(requester.preference.context))
    close = get_close_matches(name.casefold(), names, n=1)
    told = gettext("You have no filter “{name}” here. Did you mean “{meant}”?") if close else gettext(
        "You have no filter “{name}” here. “list filters” lists them.")
    meant = shorten(there[names.index(close[0])].name, MAX_NAME_LENGTH) if close else ""
    return [told.format(name=shorten(name, MAX_NAME_LENGTH), meant=meant)]


def describe_filter(one: Filter, rule_types: RuleTypes) -> str:
    """A filter's rules as a sentence."""
    expression = one.stored.expression_or_none
    return describe_expression(expression, rule_types) if expression else gettext(
        "its rules can’t be read any more")


def _state(one: Filter, requester: Requester) -> str:
    if one.snoozed_until is not None:
        return gettext("snoozed until {moment}").format(moment=requester.moment(one.snoozed_until))
    if one.enabled:
        return gettext("fires once") if one.oneshot else gettext("on")
    return gettext("stopped by an administrator") if one.stop_reason is not None else gettext("off")
