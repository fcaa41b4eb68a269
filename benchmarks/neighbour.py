"""How long others wait beside somebody who uses up every budget at once: mails, and pages.

A whole installation on private servers, with a proxy as the playbooks set it up. A crowd is sent mails at a
steady pace and looks at pages, first by itself, and then beside an adversary who has as many and as costly
filters as one may have, and asks for previews, searches, changes, imports, undos and streams as quickly as
they can, whatever is refused. All of it shares this machine; the adversary's own process has the lowest
priority.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

# What follows is found only now, when this runs as a script.
from benchmarks import abusive_user  # noqa: E402
from benchmarks.abusive_user import ADDRESS, NICK, Means, fill_up  # noqa: E402
from benchmarks.discarding_mail_server import Sink  # noqa: E402
from benchmarks.end_to_end import installed, told_at_once  # noqa: E402
from benchmarks.reporting import Measurement, print_measurements, write  # noqa: E402
from benchmarks.web_processes import Website  # noqa: E402
from fmn.people.accounts import get_or_create_account  # noqa: E402
from fmn.people.api_tokens import create_token  # noqa: E402
from tests.system.events import Event, make_events  # noqa: E402
from tests.system.expectation import expect  # noqa: E402
from tests.system.installation import Installation  # noqa: E402
from tests.system.population import Crowd, make_crowd  # noqa: E402

PEOPLE = 200
#: Messages before anything is measured: connections get opened, indexes loaded.
WARM_UP = 50
#: Seconds that each part takes, with so many messages and pages a second.
SECONDS = 60
MESSAGES_A_SECOND = 5
PAGES_A_SECOND = 5
#: People who look at pages, in turn.
READERS = 5
PAGES = ("/", "/inbox", "/preferences/email/filters", "/catalogue")
#: Filters that the adversary tries to have.
FILTERS = 200
#: Seconds after which a mail that hasn't come counts as having taken so long.
PATIENCE = 60.0
MILLISECONDS = 1000


@dataclass(frozen=True)
class Waited:
    """Seconds from publishing to SMTP, of each mail, and of each page."""

    mails: Sequence[float]
    pages: Sequence[float]


def main() -> int:
    """Measure, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=int, default=SECONDS, help="of each part (%(default)s)")
    parser.add_argument(
        "--filters", type=int, default=FILTERS, help="that the adversary tries to have (%(default)s)")
    options = parser.parse_args()
    chance = random.Random(1)
    crowd = told_at_once(make_crowd(PEOPLE, chance))
    each = options.seconds * MESSAGES_A_SECOND
    events = make_events(crowd, WARM_UP + 2 * each, chance)
    with tempfile.TemporaryDirectory(prefix="fmn-neighbour-") as name:
        Path(name).chmod(0o755)  # nginx's workers run as somebody else
        website = Website(Path(name) / "website")
        with (
            installed(crowd, website.settings) as (installation, sink), website.running(installation),
            closing(Scene(installation, sink, crowd, website)) as scene,
        ):
            scene.watch(events[:WARM_UP], pages=READERS * len(PAGES))
            alone = scene.watch(events[WARM_UP:WARM_UP + each], options.seconds * PAGES_A_SECOND)
            with scene.adversary(options.filters):
                beside = scene.watch(events[WARM_UP + each:], options.seconds * PAGES_A_SECOND)
    measurements = list(figures(alone, beside))
    print_measurements(measurements)
    print(f"\nKept in {write('neighbour', measurements)}")
    return 0


class Scene:
    """An installation at work, and the others in it."""

    def __init__(self, installation: Installation, sink: Sink, crowd: Crowd, website: Website) -> None:
        self._installation, self._sink, self._crowd, self._website = installation, sink, crowd, website
        self._readers = [
            website.browser(person.nick, f"127.0.1.{number}")
            for number, person in enumerate(crowd.people[:READERS], 1)]

    def close(self) -> None:
        """Close everybody's browsers."""
        for reader in self._readers:
            reader.close()

    def watch(self, events: Sequence[Event], pages: int) -> Waited:
        """Publish at a steady pace, and look at pages meanwhile."""
        seconds: list[float] = []
        looking = threading.Thread(target=lambda: seconds.extend(self._look(pages)))
        looking.start()
        mails = self._mails(events)
        looking.join()
        return Waited(mails, seconds)

    def _look(self, count: int) -> Iterator[float]:
        # One page at a time: what is slow makes the next one late, but not slower.
        for number in _at_pace(count, PAGES_A_SECOND):
            reader, page = self._readers[number % READERS], PAGES[number // READERS % len(PAGES)]
            began = time.monotonic()
            answer = reader.get(page)
            yield time.monotonic() - began
            answer.raise_for_status()

    def _mails(self, events: Sequence[Event]) -> Sequence[float]:
        bus = self._installation.bus
        count = len(expect(self._crowd, events, datetime.now(UTC)).told)
        published: dict[str, float] = {}
        for number in _at_pace(len(events), MESSAGES_A_SECOND):
            msg_id, frames = bus.sign(events[number].topic, events[number].msg)
            published[events[number].token] = time.time()
            bus.send(msg_id, frames)
        late: list[float] = []
        deadline = time.monotonic() + PATIENCE
        while len(late) < count and (left := deadline - time.monotonic()) > 0:
            try:
                [arrival] = self._sink.take(1, left)
            except Empty:
                break
            if arrival.token in published:  # else it's one that came too late before
                late.append(arrival.at - published[arrival.token])
        missing = count - len(late)
        if missing:
            print(f"{missing} of {count} mails hadn't come after {PATIENCE:g} s", file=sys.stderr)
        return [*late, *[PATIENCE] * missing]

    @contextmanager
    def adversary(self, filters: int) -> Iterator[None]:
        """Have somebody use everything up meanwhile."""
        means = self._means(filters)
        expression, added = fill_up(means)
        print(f"The adversary has {added} filters of {len(expression):,} characters", file=sys.stderr)
        fresh = multiprocessing.get_context("spawn")
        begun, stop = fresh.Event(), fresh.Event()
        ours, theirs = fresh.Pipe(duplex=False)
        process = fresh.Process(
            target=abusive_user.run, args=(means, expression, begun, stop, theirs), daemon=True)
        process.start()
        if not begun.wait(abusive_user.PATIENCE):
            raise RuntimeError("the adversary gets no answers at all")
        yield
        stop.set()
        if ours.poll(2 * abusive_user.PATIENCE):
            _print_outcomes(ours.recv())
        process.join()

    def _means(self, filters: int) -> Means:
        with self._installation.database.transaction() as session:
            user = get_or_create_account(session, NICK, ["email", "sse"])
            _, token = create_token(session, user.id, "everything", ("read", "write"), None)
        with closing(self._website.browser(NICK, ADDRESS)) as browser:
            return Means(self._website.base_url, token, dict(browser.cookies), filters)


def _at_pace(count: int, a_second: float) -> Iterator[int]:
    """Numbers from 0 at a steady pace, from now on."""
    begin = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, begin + number / a_second - time.monotonic()))
        yield number


def _print_outcomes(outcomes: Counter[str]) -> None:
    for outcome, count in sorted(outcomes.items()):
        print(f"  {outcome}: {count:,}", file=sys.stderr)


def figures(alone: Waited, beside: Waited) -> Iterator[Measurement]:
    """The 99th percentiles, in milliseconds, and what the adversary makes of them."""
    for what, pair in (
        ("publish to SMTP", (alone.mails, beside.mails)), ("page loads", (alone.pages, beside.pages)),
    ):
        undisturbed, disturbed = (statistics.quantiles(each, n=100)[98] * MILLISECONDS for each in pair)
        first = Measurement(f"{what}: others' 99th percentile alone", undisturbed, "ms")
        yield first
        yield Measurement(
            f"{what}: others' 99th percentile beside an adversary", disturbed, "ms").compared_with(first)


if __name__ == "__main__":
    sys.exit(main())
