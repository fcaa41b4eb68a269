"""Importer of FMN 2's people, one transaction each, so that it can be stopped and run again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.administration.audit_log import log_action
from fmn.administration.models import AuditEntry
from fmn.catalog import Catalog
from fmn.channels import Proof, mask_address, proof_in
from fmn.errors import UserError
from fmn.filters.budget_checks import budgeted_filters
from fmn.filters.budgets import COST_CACHE, BudgetedFilter, excess_of_person, total_cost
from fmn.filters.expressions import expression_digest
from fmn.filters.locking import MAX_FILTERS
from fmn.filters.models import Filter
from fmn.filters.replacing import WantedFilter
from fmn.filters.rule_types import RuleTypes
from fmn.filters.spec import FilterSpec
from fmn.fmn2.database import OldAddress, OldPerson, OldPreference
from fmn.fmn2.import_report import ImportReport
from fmn.fmn2.translation import FilterTranslator, TranslatedFilter, frequency_of, presentation_of
from fmn.infra.db import Database
from fmn.people import addresses
from fmn.people.accounts import get_or_create_account
from fmn.people.change_log import lock_changes, preference_changed, record_change
from fmn.people.models import DetailValue, Preference, User
from fmn.people.preferences import Frequency, Presentation
from fmn.people.usernames import is_username
from fmn.preferences_io.apply import apply_plan, lock_for_import
from fmn.preferences_io.export import filters_in
from fmn.preferences_io.import_plan import ContextPlan, ImportPlan
from fmn.settings import Settings
from fmn.translations import mark

#: Action of the audit entries. A person with such an entry isn't imported again.
ACTION: Final = mark("brought over from FMN 2")  # kept: audit entries have it
#: Note beside a filter that was switched off because it couldn't be translated exactly.
SWITCHED_OFF_NOTE: Final = (
    "Imported from FMN 2, where it meant something slightly different. {reasons} Edit it "
    "and switch it on.")


@dataclass(frozen=True)
class ImportOptions:
    """Options: ``replace`` the preferences of existing accounts, too; ``dry_run`` changes nothing."""

    operator: str
    openid_domain: str
    replace: bool = False
    dry_run: bool = False


class Importer:
    """Imports people. ``report`` is the result so far."""

    def __init__(
        self, database: Database, settings: Settings, rule_types: RuleTypes, catalog: Catalog,
        options: ImportOptions,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._settings = settings
        self._translator = FilterTranslator(rule_types, catalog)
        self._options = options
        self._now = now
        self.report = ImportReport()

    def import_person(self, old: OldPerson) -> None:
        """Import a person, unless they were imported before."""
        nick = nick_of(old.openid, self._options.openid_domain)
        if not is_username(nick):
            self.report.add(old.openid, "not imported: this can't be an account's name here")
            return
        with self._database.transaction() as session:
            self._person(session, old, nick)
            if self._options.dry_run:
                session.rollback()

    def _person(self, session: Session, old: OldPerson, nick: str) -> None:
        there = session.scalar(select(User.id).where(User.nick == nick)) is not None
        before = _was_imported(session, nick)
        if before and not (there and self._options.replace):
            self.report.already_imported += 1  # also people who have deleted their account since
            return
        if there and not self._options.replace:
            self.report.skipped += 1
            self.report.add(nick, "skipped: has an account here already")
            return
        if not there:
            # Before the account: all code that creates accounts locks in this order.
            lock_changes(session)
        user = lock_for_import(
            session, get_or_create_account(session, nick, self._settings.delivery.channels).id)
        user.set_up_at = user.set_up_at or self._now()
        known = list(self._known(old))
        changed = [self._context(session, user, each) for each in known]
        self._unconfirmed(old, nick)
        self.report.imported += 1
        if any(changed) or not before:
            log_action(
                session, self._options.operator, ACTION, nick, contexts=[each.context for each in known])

    def _known(self, old: OldPerson) -> Iterator[OldPreference]:
        """Yield the preferences whose context is configured here; count the others that were on."""
        for each in old.preferences:
            if each.context in self._settings.delivery.channels:
                yield each
            elif each.enabled:
                self.report.missing_contexts[each.context] += 1

    def _context(self, session: Session, user: User, old: OldPreference) -> bool:
        """Import a person's preference in one context; returns whether that changed anything."""
        preference = session.scalars(select(Preference).where(
            Preference.user_id == user.id, Preference.context == old.context)).one()
        filters = self._within_budget(session, preference, self._filters(old, user.nick))
        plan = self._plan(session, preference, old, filters)
        settings = (plan.enabled, plan.frequency, plan.presentation)
        changes = plan.filters_change or any(each is not None for each in settings)
        if changes:
            apply_plan(session, ImportPlan(user, contexts=[plan]), self._now(), self._settings.confirmation)
            _note_why_off(session, preference, filters)
        added = self._addresses(session, preference, old.addresses)
        self.report.contexts += 1
        return changes or added

    def _plan(
        self, session: Session, preference: Preference, old: OldPreference,
        filters: Sequence[TranslatedFilter],
    ) -> ContextPlan:
        frequency, adjusted = frequency_of(old)
        if adjusted:
            self.report.add(_place(preference.user.nick, old.context), adjusted)
        looks_now = Presentation.of(preference)
        looks = presentation_of(old, looks_now)
        before = filters_in(session, preference.id)
        return ContextPlan(
            preference, enabled=old.enabled if old.enabled is not preference.enabled else None,
            frequency=frequency if frequency != Frequency.of(preference) else None,
            presentation=looks if looks != looks_now else None,
            filters=list(_wanted(filters, before)), before=before)

    def _filters(self, old: OldPreference, nick: str) -> Sequence[TranslatedFilter]:
        place = _place(nick, old.context)
        found = [
            self._translator.filter(each, number, nick)
            for number, each in enumerate(old.filters[:MAX_FILTERS], 1)]
        for each in found:
            if each.problems:
                self.report.filters_off += 1
                self.report.add(place, f"filter “{each.name}” is disabled: {' '.join(each.problems)}")
        for gone in old.filters[MAX_FILTERS:]:
            self.report.add(place, f"filter “{gone.name}” wasn't imported: {MAX_FILTERS} is the limit")
        self.report.filters += len(found)
        return found

    def _within_budget(
        self, session: Session, preference: Preference, filters: Sequence[TranslatedFilter],
    ) -> Sequence[TranslatedFilter]:
        """Switch off filters that would exceed the person's budget; leave out those that do even when off."""
        place = _place(preference.user.nick, preference.context)
        kept = list(budgeted_filters(session, preference.user_id, but_of=[preference.id]))
        brought = []
        for each in filters:
            on = BudgetedFilter(
                expression_digest(each.expression), COST_CACHE.of(each.expression), each.enabled)
            over = excess_of_person(total_cost([*kept, on]))
            if over and each.enabled:
                each = replace(each, enabled=False, problems=[*each.problems, over])  # noqa: PLW2901
                self.report.filters_off += 1
                self.report.add(place, f"filter “{each.name}” is disabled: {over}")
                over = excess_of_person(total_cost([*kept, on._replace(counts=False)]))
            if over:
                self.report.filters -= 1
                self.report.add(place, f"filter “{each.name}” wasn't imported: {over}")
                continue
            kept.append(on._replace(counts=each.enabled))
            brought.append(each)
        return brought

    def _addresses(self, session: Session, preference: Preference, wanted: Iterable[OldAddress]) -> bool:
        """Add confirmed addresses; returns whether there were new ones."""
        if proof_in(preference.context) is Proof.ACCOUNT:
            return False
        addresses.lock_addresses(session, preference.id)
        there = {
            addresses.normalize_address(each.value): each for each in session.scalars(
                select(DetailValue).where(DetailValue.preference_id == preference.id))}
        added = False
        for old in wanted:
            try:
                added |= self._address(session, preference, old, there)
            except UserError as error:
                name = mask_address(preference.context, old.value)
                self.report.add(
                    _place(preference.user.nick, preference.context), f"{name} wasn't imported: {error}")
        if added:
            session.flush()
            record_change(session, [preference.user_id], preference_changed(preference.context, "details"))
        return added

    def _address(
        self, session: Session, preference: Preference, old: OldAddress, there: dict[str, DetailValue],
    ) -> bool:
        value = addresses.validate_address(preference.context, old.value, self._settings)
        known = there.get(addresses.normalize_address(value))
        if known is not None and known.confirmed_at is not None:
            self.report.addresses += 1
            return False
        if addresses.is_taken(session, preference.context, value, preference.user_id):
            raise UserError("it is confirmed for another account here")
        if known is None and len(there) >= addresses.MAX_ADDRESSES:
            raise UserError(f"{addresses.MAX_ADDRESSES} addresses are the most")
        if known is not None and known.off_at is not None:
            raise UserError("it stopped working here, and its owner has to confirm it again")
        self.report.addresses += 1
        if known is None:
            known = there[addresses.normalize_address(value)] = DetailValue(
                preference=preference, value=value, created_at=old.confirmed_at or self._now())
            session.add(known)
        known.confirmed_at = old.confirmed_at or self._now()
        return True

    def _unconfirmed(self, old: OldPerson, nick: str) -> None:
        confirmed = {(each.context, one.value) for each in old.preferences for one in each.addresses}
        for context, value in dict.fromkeys(old.unconfirmed):
            if (context, value) not in confirmed:
                name = mask_address(context, value)
                self.report.add(_place(nick, context), f"{name} was never confirmed; its owner can add it")


def nick_of(openid: str, domain: str) -> str:
    """The account's name in an OpenID such as ``mary.id.fedoraproject.org`` of this domain."""
    return openid.removeprefix("http://").removeprefix("https://").strip("/").removesuffix(f".{domain}")


def _was_imported(session: Session, nick: str) -> bool:
    entry = select(AuditEntry.id).where(AuditEntry.subject == nick, AuditEntry.action == ACTION)
    return session.scalar(entry.limit(1)) is not None


def _wanted(filters: Sequence[TranslatedFilter], before: Sequence[Filter]) -> Iterator[WantedFilter]:
    """The filters as they're to be; one that is there, of the same name and question, stays what it is."""
    left = list(before)
    for each in filters:
        key = each.name, expression_digest(each.expression)
        row = next((one for one in left if (one.name, one.stored.digest) == key), None)
        left = [one for one in left if one is not row]
        spec = FilterSpec(
            name=each.name, expression=row.stored.expression_or_none if row else each.expression,
            enabled=each.enabled, oneshot=each.oneshot)
        yield WantedFilter(row.id if row else None, spec)


def _note_why_off(session: Session, preference: Preference, filters: Sequence[TranslatedFilter]) -> None:
    for row, each in zip(filters_in(session, preference.id), filters, strict=True):
        if each.problems:
            row.stop_reason = SWITCHED_OFF_NOTE.format(reasons=" ".join(each.problems))


def _place(nick: str, context: str) -> str:
    return f"{nick}, {context}"
