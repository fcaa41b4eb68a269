"""Rule picker: rule types grouped by application, searchable, each with an example."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
#: Words that people search by and rules don't have, and those that say nothing about a rule.
SYNONYMS: Final[Mapping[str, str]] = {
    "user_filter": "my own mine myself mentions user",
    "not_user_filter": "others else user",
    "actor": "my own mine myself author user who did",
    "fas_group_member_filter": "team",
    "group": "team",
    "member": "my own team",
    "maintains": "my own mine owner",
    "watches": "my own mine",
    "group_maintains": "my own team sig owner",
    "user_package_filter": "my own mine owner",
    "user_package_commit_filter": "my own mine owner",
    "user_package_watch_filter": "my own mine",
    "severity": "level urgent important critical problem",
    "regex_filter": "word body search",
    "field": "body json",
    "application": "app service",
}
IGNORED: Final = frozenset({
    "a", "an", "and", "any", "at", "but", "by", "except", "for", "from", "if", "in", "is", "me", "not", "of",
    "on", "only", "or", "that", "the", "to", "was", "were", "when", "which", "with"})
#: Letters of the shortest word of which a plural's "s" is left out.
_PLURAL: Final = 4


@dataclass(frozen=True)
class RuleOption:
    """A rule to choose. ``example`` is a message that matches it, or a value for its argument."""

    name: str
    title: str
    help: str
    example: str
    #: All that a search looks at.
    words: str

    def hits(self, words: Sequence[str]) -> int:
        """How many of the words it contains."""
        return sum(word in self.words for word in words)

    def rank(self, words: Sequence[str]) -> tuple[int, int]:
        """Sort key: titles that contain most words come first, and among them those that say little else."""
        title = self.title.casefold()
        return -sum(word in title for word in words), len(title)


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
    #: Whether no rule contains all words, and those are shown that contain most.
    partial: bool = False


class RulePicker:
    """All rules that can be chosen."""

    def __init__(self, rule_types: RuleTypes, catalog: Catalog) -> None:
        self.groups: Sequence[RuleGroup] = tuple(_groups(rule_types, catalog))

    def pick(self, search: str = "", application: str = "") -> PickedRules:
        """Search rules. Without words and application, the generic rules are shown."""
        among = [group for group in self.groups if group.key == application]
        where = application if among else ""
        words = _search_words(search)
        if not words:
            return PickedRules("", where, among or self.groups[:1])
        groups = among or self.groups
        most = max(offer.hits(words) for group in groups for offer in group.offers)
        shown, left_out = _limited(_fitting(groups, words, most)) if most else ((), 0)
        return PickedRules(search, where, shown, left_out, partial=0 < most < len(words))


def _search_words(search: str) -> Sequence[str]:
    """The words that say something, without the "s" of plurals. If none does, what was typed."""
    typed = search.casefold().split()
    plural = {word: word.endswith("s") and not word.endswith("ss") and len(word) >= _PLURAL for word in typed}
    return [word[:-1] if plural[word] else word for word in typed if word not in IGNORED] or typed


def _fitting(groups: Iterable[RuleGroup], words: Sequence[str], hits: int) -> Sequence[RuleGroup]:
    """The groups with the rules that contain so many words, those with the best titles first."""
    found = []
    for group in groups:
        fitting = [offer for offer in group.offers if offer.hits(words) == hits]
        if fitting:
            fitting.sort(key=lambda offer: offer.rank(words))
            found.append(RuleGroup(group.key, group.title, fitting))
    return sorted(found, key=lambda group: group.offers[0].rank(words)[0])


def _limited(groups: Iterable[RuleGroup]) -> tuple[Sequence[RuleGroup], int]:
    """The groups up to a number of rules, and the number of the others."""
    shown: list[RuleGroup] = []
    room, left_out = MAX_SHOWN, 0
    for group in groups:
        if room:
            shown.append(RuleGroup(group.key, group.title, group.offers[:room]))
        left_out += len(group.offers[room:])
        room -= len(group.offers[:room])
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
    words = (
        rule_type.name, rule_type.title, rule_type.help, rule_type.application, application,
        SYNONYMS.get(rule_type.name, ""))
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
