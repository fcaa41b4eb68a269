"""Groups of an inbox beyond its pages, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy import update

from fmn.infra.db import Database
from fmn.infra.public_ids import LARGEST_ID
from fmn.ledger import inbox_groups
from fmn.ledger.inbox_filter import IN_INBOX, Criterion, InboxFilter, Place, Subject
from fmn.ledger.inbox_groups import GroupCount, GroupedBy, InboxGroup, count_beyond, count_groups
from fmn.ledger.inbox_paging import PagePosition
from fmn.ledger.inbox_undo import take_change
from fmn.ledger.models import Notification, StoredMessage
from fmn.ledger.triage import Action, Triaged, TriageRequest, triage, triage_group, undo_triage
from tests.factories.inboxes import CAKE, InboxOwner, SampleMessage, make_inbox_owner
from tests.factories.messages import NOON
from tests.factories.statements import statements_on

pytestmark = pytest.mark.dialects

FERN = SampleMessage(packages=("rpms/fern", "rpms/moss"), agent="mary")
BY_MARY = InboxFilter(criteria=(Criterion(Subject.AGENT, ("mary",)),))
ODD = SampleMessage(packages=('rpms/"é',))
#: Later than all.
NEWEST = LARGEST_ID
NOW = NOON + timedelta(hours=1)
DAY = timedelta(days=1)


def counts(
    holder: InboxOwner, by: GroupedBy, *keys: str, wanted: InboxFilter = IN_INBOX,
) -> Mapping[str, GroupCount]:
    with holder.database.reading() as session:
        return count_groups(session, holder.user_id, NOON, wanted, by, keys)


def packages(holder: InboxOwner, *keys: str, wanted: InboxFilter = IN_INBOX) -> Mapping[str, int]:
    return {key: found.total for key, found in counts(
        holder, GroupedBy.PACKAGE, *keys, wanted=wanted).items()}


def do(
    holder: InboxOwner, action: Action, group: InboxGroup, wanted: InboxFilter = IN_INBOX,
    newest: int = NEWEST,
) -> Triaged:
    until = NOON + DAY if action is Action.SNOOZE else None
    with holder.database.transaction() as session:
        return triage_group(
            session, holder.user_id, TriageRequest(action, NOW, until), wanted, group, newest)


def in_threads(holder: InboxOwner, *keys: int | None) -> list[int]:
    """A notification in each of these threads; returns their ids."""
    ids = [holder.receives() for _ in keys]
    with holder.database.transaction() as session:
        for each, key in zip(ids, keys, strict=True):
            session.execute(update(StoredMessage).where(StoredMessage.id == session.get_one(
                Notification, each).message_id).values(thread_key=key))
    return ids


def test_counts_all_that_a_search_finds_by_the_first_package(database: Database) -> None:
    # Given notifications of moss, of fern first, of an odd package, of none, and another person's
    holder, other = make_inbox_owner(database), make_inbox_owner(database, "bob")
    moss = [holder.receives() for _ in range(3)]
    fern = holder.receives(FERN, context="irc")
    odd = holder.receives(ODD)
    holder.receives(SampleMessage(packages=()))
    other.receives()

    # Then each counts once, with the newest of its group
    assert counts(holder, GroupedBy.PACKAGE, "rpms/moss", "rpms/fern", 'rpms/"é', "rpms/none") == {
        "rpms/moss": GroupCount(3, moss[-1]), "rpms/fern": GroupCount(1, fern),
        'rpms/"é': GroupCount(1, odd)}

    # of what is looked for, in its place
    assert packages(holder, "rpms/moss", "rpms/fern", wanted=BY_MARY) == {"rpms/fern": 1}
    assert packages(holder, "rpms/fern", wanted=InboxFilter(contexts=frozenset({"email"}))) == {}
    assert packages(holder, "rpms/moss", wanted=InboxFilter(places=frozenset({Place.DONE}))) == {}
    assert packages(holder) == {}
    assert packages(holder, "rpms/moss", wanted=InboxFilter(contexts=frozenset())) == {}


def test_counts_threads_by_their_keys(database: Database) -> None:
    holder = make_inbox_owner(database)
    first, second, _, _ = in_threads(holder, -5, -5, 7, None)
    assert counts(holder, GroupedBy.THREAD, "-5", "7", "8") == {
        "-5": GroupCount(2, second), "7": GroupCount(1, second + 1)}
    assert first < second


def test_stops_counting_and_says_so(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox_groups, "MAX_COUNTED", 2)
    holder = make_inbox_owner(database)
    holder.receives(FERN)
    moss = [holder.receives() for _ in range(3)]
    assert counts(holder, GroupedBy.PACKAGE, "rpms/moss", "rpms/fern") == {
        "rpms/moss": GroupCount(2, moss[-1], more=True), "rpms/fern": GroupCount(0, more=True)}


def test_all_of_a_group_is_changed_and_undone(database: Database) -> None:
    # Given three of moss, one of them read, that came among others, and one that is shown to nobody yet
    holder, other = make_inbox_owner(database), make_inbox_owner(database, "bob")
    moss = [holder.receives(), holder.receives(read=True)]
    fern = holder.receives(FERN)
    new = holder.receives()
    other.receives()
    group = InboxGroup(GroupedBy.PACKAGE, "rpms/moss")

    for action, number in ((Action.READ, 1), (Action.DONE, 2), (Action.SNOOZE, 2)):
        # When all of it is put away, that's what is done, and no more
        done = do(holder, action, group, newest=fern)
        assert (done.changed, done.more) == (number, False)
        left = 3 if action is Action.READ else 1
        assert packages(holder, "rpms/moss", "rpms/fern") == {"rpms/moss": left, "rpms/fern": 1}
        # and undone
        with database.transaction() as session:
            assert done.undo_id is not None
            change = take_change(session, holder.user_id, done.undo_id)
            assert change is not None
            assert undo_triage(session, holder.user_id, change) == number
        assert counts(holder, GroupedBy.PACKAGE, "rpms/moss")["rpms/moss"] == GroupCount(3, new)
    assert moss[0] < new
    assert do(holder, Action.DONE, group, InboxFilter(unread=True)).changed == 2
    assert do(holder, Action.DONE, group, BY_MARY) == Triaged(0)
    assert do(holder, Action.DONE, group, InboxFilter(contexts=frozenset())) == Triaged(0)


def test_counts_a_day_beyond_a_page(database: Database) -> None:
    # Given two of a day, three of the next one, and one of the day after
    holder = make_inbox_owner(database)
    ids = [holder.receives(at=NOON + DAY * number) for number in (0, 0, 1, 1, 1, 2)]

    def beyond(place: PagePosition, wanted: InboxFilter = IN_INBOX) -> GroupCount:
        with database.reading() as session:
            return count_beyond(session, holder.user_id, NOON, wanted, place, NOON + DAY, NOON + 2 * DAY)

    assert beyond(PagePosition(before=ids[4])) == GroupCount(2)
    assert beyond(PagePosition(after=ids[3])) == GroupCount(1)
    assert beyond(PagePosition(after=ids[5])) == GroupCount(0)
    assert beyond(PagePosition(before=ids[4]), InboxFilter(
        criteria=(Criterion(Subject.PACKAGE, ("fern",)),))) == GroupCount(0)
    assert beyond(PagePosition(before=ids[4]), InboxFilter(contexts=frozenset())) == GroupCount(0)


def test_says_that_a_day_may_have_more(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox_groups, "MAX_BEYOND", 2)
    holder = make_inbox_owner(database)
    ids = [holder.receives() for _ in range(4)]
    with database.reading() as session:
        found = count_beyond(
            session, holder.user_id, NOON, IN_INBOX, PagePosition(before=ids[3]), NOON, NOON + DAY)
    assert found == GroupCount(2, more=True)


def test_counting_takes_the_same_few_statements(database: Database) -> None:
    holder = make_inbox_owner(database)
    keys = [f"rpms/p{number}" for number in range(30)]
    for key in keys:
        holder.receives(SampleMessage(packages=(key,)))
    with statements_on(database) as statements:
        assert len(packages(holder, *keys)) == 30
    assert len([each for each in statements if each.startswith("SELECT")]) == 2


def test_snoozing_a_group_keeps_how_no_more_than_so_many_were(
    database: Database, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fmn.ledger.triage.MAX_KEPT", 2)
    holder = make_inbox_owner(database)
    for _ in range(3):
        holder.receives(CAKE)
    done = do(holder, Action.SNOOZE, InboxGroup(GroupedBy.PACKAGE, "rpms/moss"))
    assert (done.changed, done.more) == (2, True)
    with database.transaction() as session:
        assert triage(session, holder.user_id, TriageRequest(Action.READ, NOON), [NEWEST]) == Triaged(0)
