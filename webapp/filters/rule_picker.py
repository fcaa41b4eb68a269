"""Rule picker: rule types grouped by application, searchable, each with an example."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from fmn.catalog import Application, Catalog, EventType
from fmn.filters.generic_rules import GENERIC_APPLICATION
from fmn.filters.rule_types import RuleType, RuleTypes
from fmn.translations import mark

#: Rules that a search shows. More than that nobody reads; one more word leaves fewer.
MAX_SHOWN: Final = 30
#: What the rules that can be asked of any message are called together.
ANYTHING: Final = mark("Any message")


@dataclass(frozen=True)
class RuleOption:
    """A rule to choose. ``example`` is a message that matches it, or a value for its argument."""

    name: str
    title: str
    help: str
    example: str
    #: All that a search looks at.
    words: str

    def fits(self, words: Sequence[str]) -> bool:
        """Whether it contains all words."""
        return all(word in self.words for word in words)

    def rank(self, words: Sequence[str]) -> int:
        """Sort key: options whose title contains all words come first."""
        title = self.title.casefold()
        return 0 if all(word in title for word in words) else 1


@dataclass(frozen=True)
class RuleGroup:
    """The rules of one application, by its name on the bus."""

    key: str
    title: str
    offers: Sequence[RuleOption]


@dataclass(frozen=True)
class PickedRules:
    """Results of a search: groups of rules, and the number of results that aren't shown."""

    search: str
    #: The application that is looked in, ``""`` for all.
    application: str
    shown: Sequence[RuleGroup]
    left_out: int = 0


class RulePicker:
    """All rules that can be chosen."""

    def __init__(self, rule_types: RuleTypes, catalog: Catalog) -> None:
        self.groups: Sequence[RuleGroup] = tuple(_groups(rule_types, catalog))

    def pick(self, search: str = "", application: str = "") -> PickedRules:
        """Search rules. Without words and application, the generic rules are shown."""
        among = [group for group in self.groups if group.key == application]
        where = application if among else ""
        words = search.casefold().split()
        if not words:
            return PickedRules("", where, among or self.groups[:1])
        shown, left_out = _fitting(among or self.groups, words)
        return PickedRules(search, where, shown, left_out)


def _fitting(groups: Sequence[RuleGroup], words: Sequence[str]) -> tuple[Sequence[RuleGroup], int]:
    """The groups with the rules that contain all words, up to a limit, and the number of the others."""
    shown: list[RuleGroup] = []
    room, left_out = MAX_SHOWN, 0
    for group in groups:
        found = sorted(
            (offer for offer in group.offers if offer.fits(words)), key=lambda offer: offer.rank(words))
        if found[:room]:
            shown.append(RuleGroup(group.key, group.title, found[:room]))
        left_out += len(found[room:])
        room -= len(found[:room])
    return shown, left_out


def _groups(rule_types: RuleTypes, catalog: Catalog) -> Iterator[RuleGroup]:
    offered: dict[str, list[RuleType]] = {}
    for rule_type in rule_types.by_name.values():
        if rule_type.offered:
            offered.setdefault(rule_type.application, []).append(rule_type)
    examples = _examples(catalog)
    groups = [
        RuleGroup(key, title, [_offer(rule_type, title, examples) for rule_type in offered[key]])
        for key, title in _titles(catalog).items() if key in offered
    ]
    yield from sorted(groups, key=lambda group: (group.key != GENERIC_APPLICATION, group.title.casefold()))


def _titles(catalog: Catalog) -> Mapping[str, str]:
    return {GENERIC_APPLICATION: ANYTHING, **{
        category: application.title for category, application in catalog.applications.items()}}


def _offer(rule_type: RuleType, application: str, examples: Mapping[str, str]) -> RuleOption:
    samples = ", ".join(argument.sample for argument in rule_type.arguments if argument.sample)
    words = (rule_type.name, rule_type.title, rule_type.help, rule_type.application, application)
    return RuleOption(
        rule_type.name, rule_type.title, rule_type.help, samples or examples.get(rule_type.name, ""),
        "\n".join(words).casefold())


def _examples(catalog: Catalog) -> Mapping[str, str]:
    """Summaries of the catalogue's examples, by the names of rules that they match."""
    found = {event.name: _summary(catalog, event) for event in catalog.event_types()}
    for application in catalog.applications.values():
        found.update(_of_groups(application, found))
    return found


def _of_groups(application: Application, summaries: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The example of each rule that covers several event types: that of its first one."""
    events = [event.name for event in application.event_types]
    for rule in application.rules:
        if first := next((name for name in events if name in rule.any_of), ""):
            yield rule.name, summaries[first]
    if application.catchall and events:
        yield application.catchall, summaries[events[0]]


def _summary(catalog: Catalog, event: EventType) -> str:
    return catalog.describe(event.example_message()).summary


@lru_cache(maxsize=2)
def rule_picker(rule_types: RuleTypes, catalog: Catalog) -> RulePicker:
    """The rule picker, cached, because rendering all examples takes a moment."""
    return RulePicker(rule_types, catalog)
