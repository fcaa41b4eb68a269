"""Description of an import plan: a sentence for each thing that is added, changed or removed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from fmn.channels import mask_address
from fmn.filters.expression_syntax import print_expression
from fmn.filters.models import Filter as FilterRow
from fmn.filters.models import MuteKind
from fmn.filters.replacing import WantedFilter
from fmn.filters.rule_types import RuleTypes
from fmn.filters.spec import FilterSpec
from fmn.people.preferences import Frequency, Presentation, QuietHours
from fmn.people.schedule_text import frequency_text, quiet_hours_text
from fmn.preferences_io.export import filter_document
from fmn.preferences_io.import_plan import ContextPlan, ImportPlan
from fmn.text import pluralize

#: What a presentation says, as the beginning of a sentence.
_PRESENTED: Final[Mapping[str, str]] = {
    "long_text": "Full text", "trigger_links": "Reason and links", "short_links": "Short links",
    "markup": "Markup", "mime_digest": "MIME digests"}
_MUTED: Final[Mapping[str, str]] = {
    MuteKind.EVENT: "The event type", MuteKind.PACKAGE: "The package", MuteKind.THREAD: "The thread"}


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
        yield PlannedChange(ChangeKind.CHANGED, "", (
            f"Time zone: {plan.time_zone} (was: {plan.user.time_zone})."))
    for mute in plan.new_mutes:
        until = f"until {mute.until:%Y-%m-%d %H:%M} UTC" if mute.until else "forever"
        yield PlannedChange(ChangeKind.ADDED, "", f"{_MUTED[mute.kind]} {mute.value} is muted {until}.")
    for row in plan.gone_mutes:
        yield PlannedChange(ChangeKind.REMOVED, "", f"{_MUTED[row.kind]} {row.value} is no longer muted.")


def _of_context(plan: ContextPlan, rule_types: RuleTypes) -> Iterator[tuple[ChangeKind, str]]:
    if plan.enabled is not None:
        yield ChangeKind.CHANGED, f"The channel is switched {_on(plan.enabled)}."
    context = plan.preference.context
    for value in plan.new_addresses:
        yield ChangeKind.ADDED, f"{mask_address(context, value)} is added and has to be confirmed."
    for gone in plan.gone_addresses:
        yield ChangeKind.REMOVED, f"{mask_address(context, gone.value)} is removed."
    yield from ((ChangeKind.CHANGED, sentence) for sentence in _settings(plan))
    if plan.filters is not None:
        yield from _filters(plan.before, plan.filters, rule_types)


def _settings(plan: ContextPlan) -> Iterator[str]:
    now = plan.preference
    if plan.frequency is not None:
        yield f"Schedule: {frequency_text(plan.frequency)} (was: {frequency_text(Frequency.of(now))})."
    if plan.quiet_hours is not None:
        yield f"Quiet hours: {_quiet(plan.quiet_hours)} (was: {_quiet(QuietHours.of(now))})."
    if plan.presentation is not None:
        presented = Presentation.of(now).columns()
        for name, value in plan.presentation.columns().items():
            if value is not presented[name]:
                yield f"{_PRESENTED[name]}: {_on(value)} (was: {_on(presented[name])})."


def _quiet(hours: QuietHours) -> str:
    return quiet_hours_text(hours) or "none"


def _on(value: Any) -> str:
    return "on" if value else "off"


def _filters(
    before: Sequence[FilterRow], wanted: Sequence[WantedFilter], rule_types: RuleTypes,
) -> Iterator[tuple[ChangeKind, str]]:
    known = {row.id: row for row in before}
    kept = [each.filter_id for each in wanted if each.filter_id is not None]
    for row in before:
        if row.id not in kept:
            yield ChangeKind.REMOVED, f"Filter “{row.name}” is removed."
    for filter_id, spec in wanted:
        if filter_id is None:
            assert spec.expression is not None
            asks = print_expression(spec.expression, rule_types)
            yield ChangeKind.ADDED, f"Filter “{spec.name}” is added{_state(spec)}. It asks: {asks}"
        else:
            yield from ((ChangeKind.CHANGED, sentence) for sentence in _changed(
                known[filter_id], spec, rule_types))
    if kept != [row.id for row in before if row.id in kept] or _new_between(wanted):
        names = ", ".join(f"“{each.spec.name}”" for each in wanted)
        yield ChangeKind.CHANGED, f"The filters’ order becomes {names}."


def _new_between(wanted: Sequence[WantedFilter]) -> bool:
    """Whether a new filter comes before a saved one."""
    new = [each.filter_id is None for each in wanted]
    return new != sorted(new)


def _state(wanted: FilterSpec) -> str:
    if wanted.snoozed_until is not None:
        return f", asleep until {wanted.snoozed_until:%Y-%m-%d %H:%M} UTC"
    notes = [
        *([] if wanted.enabled else ["switched off"]), *(["for one message"] if wanted.oneshot else []),
        *([f"holding failures {_for(wanted.hold_minutes)}"] if wanted.hold_minutes else []),
        *([f"with the note “{wanted.owner_note}”"] if wanted.owner_note else [])]
    return f", {' and '.join(notes)}" if notes else ""


def _for(minutes: int) -> str:
    return f"for {pluralize(minutes, 'minute')}"


def _changed(row: FilterRow, wanted: FilterSpec, rule_types: RuleTypes) -> Iterator[str]:
    filter_ = f"Filter “{row.name}”"
    if wanted.name != row.name:
        yield f"{filter_} is called “{wanted.name}”."
    if wanted.expression is not None and wanted.expression != row.stored.expression_or_none:
        asked = filter_document(row, rule_types).expression or "something that can’t be read"
        yield f"{filter_} asks: {print_expression(wanted.expression, rule_types)} – it asked: {asked}"
    if wanted.snoozed_until != row.snoozed_until and wanted.snoozed_until is not None:
        yield f"{filter_} sleeps until {wanted.snoozed_until:%Y-%m-%d %H:%M} UTC."
    elif wanted.enabled is not row.enabled or wanted.snoozed_until != row.snoozed_until:
        yield f"{filter_} is switched {_on(wanted.enabled)}."
    if wanted.oneshot is not row.oneshot:
        yield f"{filter_} {'switches itself off after one message' if wanted.oneshot else 'stays on'}."
    if wanted.hold_minutes != row.hold_minutes:
        yield f"{filter_} holds failures {_for(wanted.hold_minutes) if wanted.hold_minutes else 'no longer'}."
    if wanted.owner_note != row.owner_note:
        note = f"the note “{wanted.owner_note}”" if wanted.owner_note else "no note any more"
        yield f"{filter_} has {note}."
