"""Preferences as files say them, made up by hypothesis; all of them can be kept."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from fmn.filters.models import MuteKind
from fmn.people.preferences import DAYS, Frequency, Presentation, QuietHours
from fmn.preferences_io.schema import VERSION, Context, Filter, Mute, Preferences
from tests.factories.messages import NOON

TIMES = st.times().map(lambda moment: moment.replace(second=0, microsecond=0))
#: After everything else in the tests, and before a filter would sleep too long.
FUTURE = st.integers(1, 300).map(lambda days: NOON + timedelta(days=days))
#: What can be seen, but for blanks, which names have single ones of.
NAMES = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=12)

FREQUENCIES = st.builds(
    lambda count, seconds, times, days: Frequency(
        digest_count=count, digest_seconds=seconds, clock_times=sorted(times),
        clock_days=[day for day in DAYS if day in days] if times else []),
    st.none() | st.integers(2, 1_000), st.none() | st.integers(60, 600_000), st.sets(TIMES, max_size=3),
    st.sets(st.sampled_from(DAYS), min_size=1))
QUIET_HOURS = st.builds(
    lambda pair, lets: QuietHours(quiet_from=pair[0], quiet_until=pair[1], quiet_lets_severe=lets),
    st.just((None, None)) | st.lists(TIMES, min_size=2, max_size=2, unique=True), st.booleans())
PRESENTATIONS = st.builds(
    Presentation, long_text=st.booleans(), trigger_links=st.booleans(), short_links=st.booleans(),
    markup=st.booleans(), mime_digest=st.booleans())
EXPRESSIONS = st.sampled_from([
    "koji_tag", "package_filter(moss)", "maintains(@me) and not actor(@me)",
    'package_regex_filter("^python \\"3\\"") or bodhi_update_comment'])
FILTERS = st.lists(st.builds(
    lambda name, expression, state, oneshot, hold_minutes, note: Filter(
        name=name, expression=expression, enabled=state is True, oneshot=oneshot, hold_minutes=hold_minutes,
        snoozed_until=None if isinstance(state, bool) else state, owner_note=note),
    st.sampled_from(["My packages", "Tags"]) | NAMES, EXPRESSIONS, st.booleans() | FUTURE, st.booleans(),
    st.none() | st.integers(1, 1440), st.none() | NAMES), max_size=5)
CONTEXTS = st.builds(
    Context, enabled=st.booleans(), frequency=FREQUENCIES, quiet_hours=QUIET_HOURS,
    presentation=PRESENTATIONS, filters=FILTERS,
    addresses=st.sets(st.sampled_from(["a@example.org", "b+c@example.org", "d@sub.example.org"])).map(sorted))
MUTES = st.lists(
    st.builds(Mute, kind=st.sampled_from(MuteKind), value=NAMES, until=st.none() | FUTURE), max_size=3,
    unique_by=lambda mute: (mute.kind, mute.value))
PREFERENCES = st.builds(
    lambda zone, email, mutes: Preferences(
        version=VERSION, time_zone=zone, contexts={"email": email}, mutes=mutes),
    st.sampled_from(["UTC", "Europe/Prague", "America/St_Johns"]), CONTEXTS, MUTES)


