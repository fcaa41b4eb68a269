"""Export of preferences: as a document, and as the text of a TOML or JSON file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final

import tomli_w
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from fmn.filters.expression_syntax import print_expression
from fmn.filters.models import Filter as FilterRow
from fmn.filters.models import MuteKind
from fmn.filters.mutes import mutes_of
from fmn.filters.rule_types import RuleTypes
from fmn.filters.spec import FilterSpec
from fmn.people.addresses import implicit_addresses
from fmn.people.models import Preference, User
from fmn.people.preferences import Frequency, Presentation, QuietHours
from fmn.preferences_io.schema import VERSION, Context, Filter, Format, Mute, Preferences
from fmn.translations import gettext, mark

#: What a person should know who changes a file in an editor.
HEADING: Final = (
    mark("The preferences of {nick} at FMN. Import them again after you changed them: first you see what "
         "would change."),
    mark("What a group in brackets doesn't say is as it is at the beginning; a group that isn't here stays "
         "as it is."))


def preferences_document(
    session: Session, user: User, contexts: Iterable[str], rule_types: RuleTypes, now: datetime,
) -> Preferences:
    """The document of a user's preferences in these contexts."""
    rows = session.scalars(
        select(Preference).options(selectinload(Preference.detail_values))
        .where(Preference.user_id == user.id, Preference.context.in_(contexts)).order_by(Preference.context))
    return Preferences(
        version=VERSION, time_zone=user.time_zone,
        contexts={row.context: context_document(session, row, rule_types) for row in rows},
        mutes=[
            Mute(kind=MuteKind(row.kind), value=row.value, until=row.until)
            for row in mutes_of(session, user.id, now)])


def context_document(session: Session, row: Preference, rule_types: RuleTypes) -> Context:
    """The document of one context."""
    adjustable = not implicit_addresses(row.context, row.user.nick)
    return Context(
        enabled=row.enabled,
        addresses=[address.value for address in row.detail_values] if adjustable else None,
        frequency=Frequency.of(row), quiet_hours=QuietHours.of(row), presentation=Presentation.of(row),
        filters=[filter_document(each, rule_types) for each in filters_in(session, row.id)])


def filters_in(session: Session, preference_id: int) -> list[FilterRow]:
    """The filters of a preference with their expressions, in order of position."""
    return list(session.scalars(
        select(FilterRow).options(joinedload(FilterRow.stored))
        .where(FilterRow.preference_id == preference_id).order_by(FilterRow.position, FilterRow.id)))


def filter_document(row: FilterRow, rule_types: RuleTypes) -> Filter:
    """The document of one filter."""
    expression = row.stored.expression_or_none
    return Filter(**{
        **FilterSpec.of_columns(row).columns(),
        "expression": print_expression(expression, rule_types) if expression else ""})


def render_file(preferences: Preferences, format: Format, nick: str) -> str:  # noqa: A002 - no other word says it
    """The text of a file."""
    return _WRITERS[format](preferences, nick)


def _toml(preferences: Preferences, nick: str) -> str:
    values = preferences.model_dump(exclude_none=True)
    heading = "".join(f"# {gettext(sentence).format(nick=nick)}\n" for sentence in HEADING)
    return f"{heading}\n{tomli_w.dumps(values)}"


def _json(preferences: Preferences, _nick: str) -> str:
    values = preferences.model_dump(mode="json", exclude_none=True)
    return f"{json.dumps(values, indent=2, ensure_ascii=False)}\n"


_WRITERS: Final[Mapping[Format, Callable[[Preferences, str], str]]] = {Format.TOML: _toml, Format.JSON: _json}
