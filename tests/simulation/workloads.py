"""Who is there, what happens to them, and when."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from fmn.filters.editing import edit_filter
from fmn.filters.expressions import Rule
from fmn.filters.models import Filter, MuteKind
from fmn.filters.mutes import mute
from fmn.infra.db import Database
from fmn.people.addresses import remove_address
from fmn.people.models import DetailValue, Preference, User
from fmn.people.preferences import set_enabled
from fmn.sources.fedmsg.wire_frames import encode_frames
from tests.factories.people import change_preference, make_person

BEGIN: Final = datetime(2026, 5, 4, 12, tzinfo=UTC)
#: How long failures are held for whom they are.
HOLD: Final = timedelta(minutes=30)
#: Notifications of one kind that are sent singly within the window.
PER_EVENT: Final = 3
COUNT, SECONDS = 2, 300
#: What isn't enough for a digest by the count comes after so long.
LATEST: Final = timedelta(days=1)
QUIET_FROM, QUIET_UNTIL, DIGEST_TIME = time(22), time(6), time(8)


@dataclass(frozen=True)
class Event:
    """A message: a build of a package that went well or failed."""

    package: str
    number: int
    failed: bool = False

    @property
    def name(self) -> str:
        """What the bus calls it."""
        return f"2026-{self.package}-{self.number}"

    def frames(self, now: datetime) -> Sequence[bytes]:
        """It on the wire."""
        return encode_frames({
            "topic": "org.fedoraproject.prod.buildsys.build.state.change", "msg_id": self.name,
            "timestamp": int(now.timestamp()), "username": "koji", "i": 1,
            "msg": {
                "build_id": self.number, "task_id": self.number, "name": self.package, "version": "2.4",
                "release": "1.fc44", "owner": "bob", "attribute": "state", "old": 0,
                "new": 3 if self.failed else 1, "instance": "primary"}})


@dataclass(frozen=True)
class Change:
    """Somebody changes what they want while the messages of a phase come."""

    nick: str
    do: Callable[[Session, datetime], None]


@dataclass(frozen=True)
class Phase:
    """What happens at a time. The next one begins when everything that is due is done."""

    at: timedelta
    events: Sequence[Event] = ()
    changes: Sequence[Change] = ()
    #: How often the database can't be reached when messages are to be stored.
    database_away: int = 0


@dataclass(frozen=True)
class Wish:
    """What somebody wants, as the model has it: packages before and after they change their mind."""

    nick: str
    addresses: Sequence[str]
    packages: frozenset[str]
    afterwards: frozenset[str] | None = None
    context: str = "email"


def _wish(
    nick: str, *packages: str, afterwards: Sequence[str] | None = None, addresses: Sequence[str] = (),
    context: str = "email",
) -> Wish:
    return Wish(nick, addresses or (f"{nick}@example.org",), frozenset(packages),
                None if afterwards is None else frozenset(afterwards), context)


WISHES: Final = (
    _wish("solo", "kernel"),
    _wish("two", "kernel", addresses=("two@example.org", "second@example.org")),
    _wish("hook", "kernel", addresses=("https://hook.example.org/",), context="webhook"),
    _wish("leaver", "kernel", afterwards=()),
    _wish("muter", "kernel", afterwards=()),
    _wish("stopper", "kernel", afterwards=()),
    _wish("changer", "kernel", afterwards=("vim",)),
    _wish("counted", "bash"),
    _wish("timed", "bash"),
    _wish("clocked", "bash"),
    _wish("quiet", "bash"),
    _wish("flaky", "curl"),
    _wish("gone", "curl"),
    _wish("throttled", "firefox"),
    _wish("patient", "httpd"),
    _wish("once", "nano"),
)


def _leave(session: Session, _now: datetime) -> None:
    set_enabled(session, _preference(session, "leaver"), on=False)


def _mute(session: Session, now: datetime) -> None:
    mute(session, _preference(session, "muter").user_id, MuteKind.PACKAGE, "kernel", None, now)


def _stop(session: Session, _now: datetime) -> None:
    for address in session.scalars(select(DetailValue).where(DetailValue.value == "stopper@example.org")):
        remove_address(session, address)


def _change(session: Session, _now: datetime) -> None:
    chosen = session.scalars(
        select(Filter).where(Filter.preference_id == _preference(session, "changer").id)).one()
    edit_filter(session, chosen.id, lambda spec: spec.replaced(
        name="vim", expression=Rule.of("package_filter", {"package": "vim"})))


def _preference(session: Session, nick: str) -> Preference:
    return session.scalars(
        select(Preference).join(User).where(User.nick == nick, Preference.context == "email")).one()


PHASES: Final = (
    Phase(timedelta(), [
        Event("kernel", 1), Event("bash", 1), Event("httpd", 1, failed=True), Event("curl", 1),
        *(Event("firefox", number) for number in range(PER_EVENT + 1))]),
    Phase(timedelta(minutes=15), [Event("kernel", 2), Event("httpd", 2), Event("bash", 2)], [
        Change("leaver", _leave), Change("muter", _mute), Change("stopper", _stop),
        Change("changer", _change)]),
    Phase(timedelta(minutes=45), [
        Event("kernel", 3), Event("nano", 1), Event("nano", 2), Event("bash", 3), Event("vim", 1),
        Event("httpd", 3, failed=True)], database_away=1),
    Phase(timedelta(minutes=120), [Event("httpd", 4)]),
    Phase(timedelta(hours=10, minutes=30), [Event("bash", 4)]),
    Phase(timedelta(hours=18, minutes=1)),
    Phase(timedelta(hours=20, minutes=1)),
)


#: What can be left out of a run, with all that happens to it. They make no difference to each other.
PACKAGES: Final = ("kernel", "bash", "curl", "firefox", "httpd", "nano")


def phases_about(packages: Collection[str]) -> Sequence[Phase]:
    """What happens to these packages."""
    chosen = {*packages, *({"vim"} if "kernel" in packages else ())}
    phases = [
        replace(phase, events=[event for event in phase.events if event.package in chosen],
                changes=phase.changes if "kernel" in chosen else ())
        for phase in PHASES]
    return [
        phase for phase, whole in zip(phases, PHASES, strict=True)
        if phase.events or phase.changes or (not whole.events and "bash" in chosen)]


def populate(database: Database) -> None:
    """Make everybody."""
    special: dict[str, dict[str, Any]] = {
        "counted": {"digest_count": COUNT, "digest_seconds": round(LATEST.total_seconds())},
        "timed": {"digest_seconds": SECONDS}, "once": {"oneshot": True},
        "patient": {"hold_minutes": round(HOLD.total_seconds() / 60)}}
    for wish in WISHES:
        person = make_person(
            database, wish.nick, context=wish.context, addresses=wish.addresses,
            packages=sorted(wish.packages), **special.get(wish.nick, {}))
        if wish.nick == "clocked":
            change_preference(database, person, clock_times=[f"{DIGEST_TIME:%H:%M}"], clock_days=[*range(7)])
        if wish.nick == "quiet":
            change_preference(
                database, person, quiet_from=QUIET_FROM, quiet_until=QUIET_UNTIL, quiet_lets_severe=False)
