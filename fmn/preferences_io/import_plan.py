"""Import plan: the differences between a file and the saved preferences, before anything is written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.catalog import Catalog
from fmn.errors import UserError
from fmn.filters.budget_checks import budgeted_filters, cost_of_stored
from fmn.filters.budgets import COST_CACHE, BudgetedFilter, excess_of_person, total_cost
from fmn.filters.expressions import expression_digest, with_me
from fmn.filters.models import Filter as FilterRow
from fmn.filters.models import Mute as MuteRow
from fmn.filters.mutes import MAX_MUTES, MAX_VALUE_LENGTH, mutes_of
from fmn.filters.replacing import WantedFilter
from fmn.filters.rule_types import RuleTypes
from fmn.filters.spec import FilterSpec
from fmn.localized import number_text, series
from fmn.people import addresses
from fmn.people.models import DetailValue, Preference, User
from fmn.people.preferences import Frequency, Presentation, QuietHours
from fmn.people.time_zones import is_time_zone
from fmn.preferences_io.export import filters_in
from fmn.preferences_io.file_parser import FileProblem, PreferencesFileError
from fmn.preferences_io.filter_comparison import FilterComparison
from fmn.preferences_io.schema import Context, Mute, Preferences
from fmn.settings import Settings
from fmn.text import sentence, shorten
from fmn.translations import gettext

Values = TypeVar("Values", Frequency, QuietHours, Presentation)


@dataclass(frozen=True)
class ContextPlan:
    """Planned changes of one context. ``None`` and empty sequences stand for no change.

    ``filters`` are all filters after the import, in order; ``before`` are the saved ones.
    """

    preference: Preference
    enabled: bool | None = None
    frequency: Frequency | None = None
    quiet_hours: QuietHours | None = None
    presentation: Presentation | None = None
    new_addresses: Sequence[str] = ()
    gone_addresses: Sequence[DetailValue] = ()
    filters: Sequence[WantedFilter] | None = None
    before: Sequence[FilterRow] = ()

    @property
    def filters_change(self) -> bool:
        """Whether filters are added, removed, changed or moved."""
        return self.filters is not None and list(self.filters) != [
            WantedFilter(row.id, FilterSpec.of(row)) for row in self.before]


@dataclass(frozen=True)
class ImportPlan:
    """Planned changes of a user's preferences."""

    user: User
    time_zone: str | None = None
    contexts: Sequence[ContextPlan] = ()
    new_mutes: Sequence[Mute] = ()
    gone_mutes: Sequence[MuteRow] = ()


class ImportPlanner:
    """Plans imports for a user, in the contexts that this installation has."""

    def __init__(
        self, session: Session, user: User, settings: Settings, rule_types: RuleTypes, catalog: Catalog,
        now: datetime,
    ) -> None:
        self._session = session
        self._user = user
        self._settings = settings
        self._rule_types = rule_types
        self._catalog = catalog
        self._now = now
        self._problems: list[FileProblem] = []

    def plan(self, wanted: Preferences) -> ImportPlan:
        """Plan the import of a file. Raises :class:`PreferencesFileError` with all its problems."""
        zone = wanted.time_zone
        if zone is not None and not is_time_zone(zone):
            self._wrong("time_zone", gettext("there is no time zone “{zone}”").format(zone=shorten(zone)))
        contexts = [self._context(name, each) for name, each in wanted.contexts.items()]
        new_mutes, gone_mutes = self._mutes(wanted.mutes)
        self._check_budget([each for each in contexts if each is not None])
        if self._problems:
            raise PreferencesFileError(self._problems)
        return ImportPlan(
            self._user, zone if zone != self._user.time_zone else None,
            [each for each in contexts if each is not None], new_mutes, gone_mutes)

    def _check_budget(self, contexts: Iterable[ContextPlan]) -> None:
        """Check all filters after the import, those of other contexts included, against the budget."""
        changed = {each.preference.id: each for each in contexts if each.filters_change}
        if changed and not self._problems:
            others = budgeted_filters(self._session, self._user.id, but_of=changed)
            wanted = chain.from_iterable(map(_kept, changed.values()))
            if over := excess_of_person(total_cost(chain(others, wanted))):
                self._wrong("contexts", over)

    def _wrong(self, place: str, detail: str) -> None:
        self._problems.append(FileProblem(place, sentence(detail)))

    def _context(self, name: str, wanted: Context) -> ContextPlan | None:
        place = f"contexts.{shorten(name)}"
        if name not in self._settings.delivery.channels:
            self._wrong(place, gettext("nothing can be sent that way here, only by {channels}").format(
                channels=series(self._settings.delivery.channels, 10)))
            return None
        preference = self._session.scalars(select(Preference).where(
            Preference.user_id == self._user.id, Preference.context == name)).one_or_none()
        if preference is None:
            self._wrong(place, gettext("there’s nothing of that yet: sign in once, and try again"))
            return None
        new, gone = self._addresses(preference, wanted.addresses, place)
        before = filters_in(self._session, preference.id)
        return ContextPlan(
            preference=preference,
            enabled=wanted.enabled if wanted.enabled is not preference.enabled else None,
            frequency=self._values(preference, wanted.frequency, f"{place}, frequency"),
            quiet_hours=self._values(preference, wanted.quiet_hours, f"{place}, quiet_hours"),
            presentation=self._values(preference, wanted.presentation, place),
            new_addresses=new, gone_addresses=gone,
            filters=self._filters(before, wanted, place), before=before)

    def _values(self, preference: Preference, wanted: Values | None, place: str) -> Values | None:
        """The values to save, ``None`` if they are saved already or can't be."""
        if wanted is None or wanted == (there := type(wanted).of(preference)):
            return None
        try:
            normalized = wanted.normalized()
        except UserError as error:
            self._wrong(f"{place}, {error.field}", str(error))
            return None
        return None if normalized == there else normalized

    def _addresses(
        self, preference: Preference, wanted: Sequence[str] | None, place: str,
    ) -> tuple[Sequence[str], Sequence[DetailValue]]:
        if wanted is None:
            return (), ()
        if addresses.implicit_addresses(preference.context, self._user.nick):
            self._wrong(
                f"{place}, addresses", gettext("there are none to choose: it goes to your account"))
            return (), ()
        there = {addresses.normalize_address(each.value): each for each in preference.detail_values}
        read = dict(self._read_addresses(preference, wanted, place, there))
        if len(read) > addresses.MAX_ADDRESSES:
            self._wrong(f"{place}, addresses", gettext("{most} addresses are the most").format(
                most=addresses.MAX_ADDRESSES))
        new = [value for spelling, value in read.items() if spelling not in there]
        return new, [each for spelling, each in there.items() if spelling not in read]

    def _read_addresses(
        self, preference: Preference, wanted: Sequence[str], place: str, there: Collection[str],
    ) -> Iterator[tuple[str, str]]:
        for number, text in enumerate(wanted, 1):
            if (spelling := addresses.normalize_address(text)) in there:
                yield spelling, text
                continue
            try:
                value = addresses.validate_address(preference.context, text, self._settings)
            except UserError as error:
                self._wrong(f"{place}, address {number}", str(error))
                continue
            if addresses.is_taken(self._session, preference.context, value, self._user.id):
                self._wrong(f"{place}, address {number}", gettext(addresses.ADDRESS_TAKEN))
            yield addresses.normalize_address(value), value

    def _filters(
        self, before: Sequence[FilterRow], wanted: Context, place: str,
    ) -> Sequence[WantedFilter] | None:
        if wanted.filters is None:
            return None
        comparison = FilterComparison(
            before, self._user.nick, self._rule_types, self._catalog, self._now, place)
        found = comparison.wanted(wanted.filters)
        self._problems += comparison.problems
        return found

    def _mutes(self, wanted: Sequence[Mute] | None) -> tuple[Sequence[Mute], Sequence[MuteRow]]:
        if wanted is None:
            return (), ()
        if len(wanted) > MAX_MUTES:
            self._wrong("mutes", gettext("there can be {most} of them at most").format(
                most=number_text(MAX_MUTES)))
        there = {
            (row.kind, row.value): row for row in mutes_of(self._session, self._user.id, self._now)}
        for number, mute in enumerate(wanted, 1):
            known = (mute.kind, mute.value) in there
            if not known and not (mute.value.isprintable() and 0 < len(mute.value) <= MAX_VALUE_LENGTH):
                self._wrong(f"mute {number}, value", gettext(
                    "it should have from 1 to {most} characters").format(most=MAX_VALUE_LENGTH))
        lasting = {
            (str(mute.kind), mute.value): mute for mute in wanted
            if mute.until is None or mute.until > self._now}
        new = [mute for key, mute in lasting.items() if key not in there or there[key].until != mute.until]
        return new, [row for key, row in there.items() if key not in lasting]


def _kept(plan: ContextPlan) -> Iterator[BudgetedFilter]:
    """The filters of a context after the import, for the budget."""
    before = {row.id: row.stored for row in plan.before}
    for filter_id, spec in plan.filters or ():
        stored = before.get(filter_id or 0)
        counts = spec.enabled or spec.snoozed_until is not None
        if stored is not None and spec.expression == stored.expression_or_none:
            yield BudgetedFilter(stored.digest, cost_of_stored(stored), counts)
        elif spec.expression is not None:
            asked = with_me(spec.expression, plan.preference.user.nick)
            yield BudgetedFilter(expression_digest(asked), COST_CACHE.of(asked), counts)
