"""Description of an import plan: a sentence for each thing that is added, changed or removed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from fmn.channels import mask_address
from fmn.filters.expression_syntax import print_expression
from fmn.filters.models import Filter as FilterRow
from fmn.filters.models import MuteKind
from fmn.filters.replacing import WantedFilter
from fmn.filters.rule_types import RuleTypes
from fmn.filters.spec import FilterSpec
from fmn.localized import series
from fmn.people.preferences import Frequency, Presentation, QuietHours
from fmn.people.schedule_text import frequency_text, quiet_hours_text
from fmn.preferences_io.export import filter_document
from fmn.preferences_io.import_plan import ContextPlan, ImportPlan
from fmn.translations import gettext, mark, ngettext

#: What is said of a presentation's part that is switched on, and off.
_PRESENTED: Final[Mapping[str, tuple[str, str]]] = {
    "long_text": (mark("Full text: on (was: off)."), mark("Full text: off (was: on).")),
    "trigger_links": (mark("Reason and links: on (was: off)."), mark("Reason and links: off (was: on).")),
    "short_links": (mark("Short links: on (was: off)."), mark("Short links: off (was: on).")),
    "markup": (mark("Markup: on (was: off)."), mark("Markup: off (was: on).")),
    "mime_digest": (mark("MIME digests: on (was: off)."), mark("MIME digests: off (was: on)."))}
#: What is said of something that is muted until a time, forever, and no longer.
_MUTED: Final[Mapping[str, tuple[str, str, str]]] = {
    MuteKind.EVENT: (
        mark("The event type {value} is muted until {moment}."),
        mark("The event type {value} is muted forever."),
        mark("The event type {value} is no longer muted.")),
    MuteKind.PACKAGE: (
        mark("The package {value} is muted until {moment}."), mark("The package {value} is muted forever."),
        mark("The package {value} is no longer muted.")),
    MuteKind.THREAD: (
        mark("The thread {value} is muted until {moment}."), mark("The thread {value} is muted forever."),
        mark("The thread {value} is no longer muted."))}


class ChangeKind(StrEnum):
    """Kinds of planned changes."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True)
class PlannedChange:
    """A planned change; ``context`` is ``""`` for one that concerns all contexts."""

    kind: ChangeKind
    context: str
    sentence: str


def planned_changes(plan: ImportPlan, rule_types: RuleTypes) -> Sequence[PlannedChange]:
    """The sentences of a plan, in the order of the file. A plan without any changes nothing."""
    return [*_of_all(plan), *(
        PlannedChange(kind, each.preference.context, sentence)
        for each in plan.contexts for kind, sentence in _of_context(each, rule_types))]


def _of_all(plan: ImportPlan) -> Iterator[PlannedChange]:
    if plan.time_zone is not None:
        yield PlannedChange(ChangeKind.CHANGED, "", gettext("Time zone: {new} (was: {old}).").format(
            new=plan.time_zone, old=plan.user.time_zone))
    for mute in plan.new_mutes:
        until, forever, _ = _MUTED[mute.kind]
        yield PlannedChange(ChangeKind.ADDED, "", gettext(until if mute.until else forever).format(
            value=mute.value, moment=_moment(mute.until) if mute.until else ""))
    for row in plan.gone_mutes:
        yield PlannedChange(ChangeKind.REMOVED, "", gettext(_MUTED[row.kind][-1]).format(value=row.value))


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _of_context(plan: ContextPlan, rule_types: RuleTypes) -> Iterator[tuple[ChangeKind, str]]:
    if plan.enabled is not None:
        yield ChangeKind.CHANGED, gettext("The channel is switched on.") if plan.enabled else gettext(
            "The channel is switched off.")
    context = plan.preference.context
    for value in plan.new_addresses:
        yield ChangeKind.ADDED, gettext("{address} is added and has to be confirmed.").format(
            address=mask_address(context, value))
    for gone in plan.gone_addresses:
        yield ChangeKind.REMOVED, gettext("{address} is removed.").format(
            address=mask_address(context, gone.value))
    yield from ((ChangeKind.CHANGED, sentence) for sentence in _settings(plan))
    if plan.filters is not None:
        yield from _filters(plan.before, plan.filters, rule_types)


def _settings(plan: ContextPlan) -> Iterator[str]:
    now = plan.preference
    if plan.frequency is not None:
        yield gettext("Schedule: {new} (was: {old}).").format(
            new=frequency_text(plan.frequency), old=frequency_text(Frequency.of(now)))
    if plan.quiet_hours is not None:
        yield gettext("Quiet hours: {new} (was: {old}).").format(
            new=_quiet(plan.quiet_hours), old=_quiet(QuietHours.of(now)))
    if plan.presentation is not None:
        presented = Presentation.of(now).columns()
        for name, value in plan.presentation.columns().items():
            if value is not presented[name]:
                on, off = _PRESENTED[name]
                yield gettext(on if value else off)


def _quiet(hours: QuietHours) -> str:
    return quiet_hours_text(hours) or gettext("none")


def _filters(
    before: Sequence[FilterRow], wanted: Sequence[WantedFilter], rule_types: RuleTypes,
) -> Iterator[tuple[ChangeKind, str]]:
    known = {row.id: row for row in before}
    kept = [each.filter_id for each in wanted if each.filter_id is not None]
    for row in before:
        if row.id not in kept:
            yield ChangeKind.REMOVED, gettext("Filter “{name}” is removed.").format(name=row.name)
    for filter_id, spec in wanted:
        if filter_id is None:
            assert spec.expression is not None
            asks = print_expression(spec.expression, rule_types)
            yield ChangeKind.ADDED, gettext("Filter “{name}” is added{state}. It asks: {expression}").format(
                name=spec.name, state=_state(spec), expression=asks)
        else:
            yield from ((ChangeKind.CHANGED, sentence) for sentence in _changed(
                known[filter_id], spec, rule_types))
    if kept != [row.id for row in before if row.id in kept] or _new_between(wanted):
        names = ", ".join(f"“{each.spec.name}”" for each in wanted)
        yield ChangeKind.CHANGED, gettext("The filters’ order becomes {names}.").format(names=names)


def _new_between(wanted: Sequence[WantedFilter]) -> bool:
    """Whether a new filter comes before a saved one."""
    new = [each.filter_id is None for each in wanted]
    return new != sorted(new)


def _state(wanted: FilterSpec) -> str:
    """What else is said of a new filter, after a comma."""
    if wanted.snoozed_until is not None:
        return gettext(", asleep until {moment}").format(moment=_moment(wanted.snoozed_until))
    notes = [
        *([] if wanted.enabled else [gettext("switched off")]),
        *([gettext("for one message")] if wanted.oneshot else []),
        *([ngettext("holding failures for {minutes} minute", "holding failures for {minutes} minutes",
                    wanted.hold_minutes).format(minutes=wanted.hold_minutes)] if wanted.hold_minutes else []),
        *([gettext("with the note “{note}”").format(note=wanted.owner_note)] if wanted.owner_note else [])]
    return gettext(", {notes}").format(notes=series(notes, len(notes))) if notes else ""


def _changed(row: FilterRow, wanted: FilterSpec, rule_types: RuleTypes) -> Iterator[str]:
    return (sentence.format(name=row.name, **values) for sentence, values in _differences(
        row, wanted, rule_types))


def _differences(
    row: FilterRow, wanted: FilterSpec, rule_types: RuleTypes,
) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Sentences about a filter's changes, and what goes into them besides its name."""
    if wanted.name != row.name:
        yield gettext("Filter “{name}” is called “{new}”."), {"new": wanted.name}
    if wanted.expression is not None and wanted.expression != row.stored.expression_or_none:
        yield gettext("Filter “{name}” asks: {new} – it asked: {old}"), {
            "new": print_expression(wanted.expression, rule_types),
            "old": filter_document(row, rule_types).expression or gettext("something that can’t be read")}
    yield from _switched(row, wanted)
    if wanted.hold_minutes != row.hold_minutes:
        minutes = wanted.hold_minutes or 0
        yield (ngettext(
            "Filter “{name}” holds failures for {minutes} minute.",
            "Filter “{name}” holds failures for {minutes} minutes.", minutes) if minutes
            else gettext("Filter “{name}” holds failures no longer.")), {"minutes": minutes}
    if wanted.owner_note != row.owner_note:
        yield (gettext("Filter “{name}” has the note “{note}”.") if wanted.owner_note
               else gettext("Filter “{name}” has no note any more.")), {"note": wanted.owner_note}


def _switched(row: FilterRow, wanted: FilterSpec) -> Iterator[tuple[str, Mapping[str, object]]]:
    if wanted.snoozed_until != row.snoozed_until and wanted.snoozed_until is not None:
        yield gettext("Filter “{name}” sleeps until {moment}."), {"moment": _moment(wanted.snoozed_until)}
    elif wanted.enabled is not row.enabled or wanted.snoozed_until != row.snoozed_until:
        yield (gettext("Filter “{name}” is switched on.") if wanted.enabled
               else gettext("Filter “{name}” is switched off.")), {}
    if wanted.oneshot is not row.oneshot:
        yield (gettext("Filter “{name}” switches itself off after one message.") if wanted.oneshot
               else gettext("Filter “{name}” stays on.")), {}
