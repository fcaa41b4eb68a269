"""Bodhi, where builds become updates: updates, buildroot overrides, pushes, stacks, mirror syncs."""

from __future__ import annotations

from collections.abc import Mapping

from fmn.catalog.applications.bodhi import composes, overrides, stacks, syncs, updates
from fmn.catalog.applications.bodhi.base import Bodhi, update_of
from fmn.catalog.events import Application, ApplicationRule, Facts


def concerns_critpath(facts: Facts, _arguments: Mapping[str, str]) -> bool:
    """Whether the message is about an update of packages without which no system starts."""
    return facts.message.category == "bodhi" and update_of(facts.reader).flag("critpath")


APPLICATION = Application(
    category="bodhi",
    title="Bodhi",
    help="Updates: submitted, tested, commented on, pushed to the mirrors.",
    catchall="bodhi_catchall",
    icon="https://apps.fedoraproject.org/img/icons/bodhi.png",
    other=Bodhi,
    events=(*updates.EVENTS, *overrides.EVENTS, *composes.EVENTS, *syncs.EVENTS, *stacks.EVENTS),
    rules=(
        ApplicationRule(
            name="bodhi_critpath",
            title="Critical path updates",
            help="Anything about an update of packages that every system needs to start.",
            holds=concerns_critpath,
        ),
    ),
)
