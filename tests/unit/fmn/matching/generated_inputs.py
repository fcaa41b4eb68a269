"""Small made-up worlds, in which people, packages, groups and messages often have to do with each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from hypothesis import strategies as st

from benchmarks.naive_matcher import Concerned, Filters, NaiveEvaluator, NamedFilter
from fmn.catalog import (
    Application,
    ApplicationRule,
    Argument,
    Catalog,
    EventType,
    Facts,
    Message,
    Package,
    Severity,
)
from fmn.directory.snapshot import Directory
from fmn.filters.conditions import (
    CheckedMessage,
    Relations,
    group_members,
    keys_of,
    member_keys,
    owner_keys,
    owners_of,
    relations_of,
)
from fmn.filters.expressions import ME, All, AnyOf, Expression, Not, Rule
from fmn.filters.rule_types import GENERIC_RULES, RuleTypes, rule_types_of
from fmn.matching.compiler import Clause, MessageEvaluation, compile_expression
from fmn.matching.index.matching_index import Index, Match
from fmn.matching.index.population import Population, Profile

NICKS = ("alice", "bob", "mallory", "root")
GROUPS = ("packager", "infra")
PACKAGES = ("php", "ruby", "python-idna")
NAMESPACES = ("rpms", "modules")
CONTEXTS = ("email", "irc")
WORDS = ("ready", "failed")
PATHS = st.sampled_from(["word", "files.*", "files.moss.spec", "*.*", "list.*", "list.0", "list.1.word", "*"])


class Baked(EventType):
    """A cake is done."""

    topics = ("oven.cake.done",)


class Burnt(EventType):
    """A cake is black."""

    topics = ("oven.cake.burnt",)
    severity = Severity.ERROR


class Sold(EventType):
    """A cake is gone, of a kind that's only known in its own namespace."""

    topics = ("shop.cake.sold",)
    severity = Severity.DEBUG
    owners_by_namespace = True


CATALOG = Catalog([
    Application("oven", "Oven", "Bakes.", (Baked, Burnt), catchall="oven_catchall", rules=(
        ApplicationRule(
            "oven_finished", "Done or burnt", "", any_of=frozenset({"oven_cake_done", "oven_cake_burnt"})),
        ApplicationRule(
            "oven_says", "Says a word", "", (Argument("word", "Word"),),
            holds=lambda facts, arguments: arguments["word"] in str(facts.message.body)),
    )),
    Application("shop", "Shop", "Sells.", (Sold,), catchall="shop_catchall"),
])
RULE_TYPES = RuleTypes([*GENERIC_RULES, *rule_types_of(CATALOG)])


def lists_of(*values: str) -> st.SearchStrategy[str]:
    """Arguments that list one or more of the values."""
    return st.lists(st.sampled_from(values), min_size=1, max_size=3).map(", ".join)


def rules_named(name: str, **arguments: st.SearchStrategy[str]) -> st.SearchStrategy[Rule]:
    """Rules with drawn arguments."""
    return st.fixed_dictionaries(arguments).map(lambda drawn: Rule.of(name, drawn))


@cache
def rules() -> st.SearchStrategy[Expression]:
    """All kinds of rules."""
    people = lists_of(ME, ME, *NICKS)
    packages = [*PACKAGES, *(f"{namespace}/{package}" for namespace in NAMESPACES for package in PACKAGES)]
    return st.one_of(
        *(rules_named(name, fasnick=people) for name in (
            "user_filter", "not_user_filter", "actor", "user_package_filter", "user_package_commit_filter",
            "user_package_watch_filter", "maintains", "watches", "member")),
        *(rules_named(name, group=lists_of(*GROUPS)) for name in (
            "fas_group_member_filter", "group", "group_maintains")),
        rules_named("package_filter", package=lists_of(*packages)),
        rules_named("package_regex_filter", pattern=st.sampled_from([
            "^p", "y$", "idna", ".", "php|ruby", "^(?i)PY.*NA"])),
        rules_named("regex_filter", pattern=st.sampled_from([
            *WORDS, '"word": ".*d"', "nowhere", "(?i)WOR[cd].*fail", "list.*failed|ready", '": 7'])),
        rules_named(
            "topic_filter", pattern=lists_of("*", "*.oven.*", "org.example.dev.*", "*.burnt", "*.sold")),
        rules_named("application", application=lists_of("oven", "shop", "elsewhere")),
        rules_named("event", event=lists_of("oven_cake_done", "oven_cake_burnt", "shop_cake_sold")),
        rules_named("severity", severity=st.sampled_from(["debug", "info", "warning", "error"])),
        rules_named("field", path=PATHS, value=lists_of(*WORDS, "7", "7.5", "true", "null", "moss.spec")),
        rules_named("field_regex", path=PATHS, pattern=st.sampled_from(["^7", "e", "spec$", "x*"])),
        rules_named("oven_says", word=st.sampled_from(WORDS)),
        st.sampled_from([*map(Rule, (
            "oven_catchall", "shop_catchall", "oven_finished", "oven_cake_done", "oven_cake_burnt",
            "shop_cake_sold"))]),
    )


@cache
def expressions() -> st.SearchStrategy[Expression]:
    """Rules by themselves, which hold often, and rules joined in all ways, empty ones among them."""
    return st.one_of(rules(), st.recursive(
        rules(),
        lambda parts: st.one_of(
            parts.map(Not),
            st.lists(parts, max_size=4).map(tuple).map(All),
            st.lists(parts, max_size=4).map(tuple).map(AnyOf),
        ),
        max_leaves=6))


@cache
def people_and_groups() -> st.SearchStrategy[tuple[str, ...]]:
    """Owners of a package."""
    return st.lists(
        st.sampled_from([*NICKS, *(f"@{group}" for group in GROUPS)]), unique=True, max_size=3).map(tuple)


@cache
def directories() -> st.SearchStrategy[Directory]:
    """Who owns and watches what, and who is in which group."""
    ownership = st.dictionaries(
        st.sampled_from(NAMESPACES), st.dictionaries(st.sampled_from(PACKAGES), people_and_groups()))
    groups = st.dictionaries(st.sampled_from(GROUPS), st.frozensets(st.sampled_from(NICKS)))
    return st.builds(Directory, committers=ownership, watchers=ownership, groups=groups)


MORE_IN_BODIES = st.fixed_dictionaries({}, optional={
    "files": st.sampled_from([{}, {"moss.spec": {"added": 7}}, {"moss": {"spec": "failed"}}]),
    "list": st.lists(st.sampled_from(["ready", 7, 7.5, True, None, [], {"word": "failed"}]), max_size=2),
})


# Parts of messages, made once: what is made within a draw is checked by hypothesis with each example.
EVENTS = st.sampled_from([*CATALOG.event_types(), *CATALOG.fallbacks_by_name.values()])
WORD = st.sampled_from(WORDS)
ENVIRONMENTS = st.sampled_from(["dev", "prod"])
AGENTS = st.sampled_from([None, *NICKS])
USERNAMES = st.frozensets(st.sampled_from(NICKS), max_size=3)
PACKAGES_CONCERNED = st.frozensets(
    st.builds(Package, st.sampled_from(["", *NAMESPACES]), st.sampled_from(PACKAGES)), max_size=3)
GROUPS_CONCERNED = st.frozensets(st.sampled_from([*GROUPS, "nobody's"]), max_size=2)


@cache
@st.composite
def messages(draw: st.DrawFn) -> Facts:
    """What was read in a message; the event type may be none that the catalogue knows."""
    event = draw(EVENTS)
    title = event.topics[0].replace("**", "anything")
    body: Any = {"word": draw(WORD), **draw(MORE_IN_BODIES)}
    message = Message("2026-1", f"org.example.{draw(ENVIRONMENTS)}.{title}", NOON, body)
    return Facts(
        message, event, draw(AGENTS), draw(USERNAMES), draw(PACKAGES_CONCERNED), draw(GROUPS_CONCERNED))


def view_of(facts: Facts, directory: Directory) -> MessageEvaluation:
    """A message to evaluate, with every key that it has for these people."""
    keys = keys_of(facts, directory) | owner_keys(facts, owners_of(facts, directory), directory)
    return MessageEvaluation(CheckedMessage(facts), keys | member_keys(facts, directory, frozenset(NICKS)))


def ties_of(facts: Facts, directory: Directory, nick: str) -> Relations:
    """Somebody's relations to a message."""
    members = group_members(facts, directory, {nick})
    return relations_of(facts, owners_of(facts, directory), members).get(nick, 0)


NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


@cache
def filters() -> st.SearchStrategy[Filters]:
    """Somebody's filters by context, named by their position."""
    return st.dictionaries(
        st.sampled_from(CONTEXTS),
        st.lists(expressions(), max_size=3).map(lambda drawn: [
            NamedFilter(f"{position}", expression) for position, expression in enumerate(drawn)]))


@cache
def populations() -> st.SearchStrategy[Mapping[str, Filters]]:
    """Everybody's filters, by nick."""
    return st.dictionaries(st.sampled_from(NICKS), filters())


@dataclass
class Registry:
    """Ids of expressions and people, as a database would give them."""

    expressions: dict[Expression, int] = field(default_factory=dict)
    compiled: set[int] = field(default_factory=set)

    def profile(self, mine: Filters) -> Profile:
        """The profile of somebody with these filters."""
        return tuple(
            ((context,), tuple(self.id_of(each.expression) for each in in_order))
            for context, in_order in sorted(mine.items()) if in_order)

    def id_of(self, expression: Expression) -> int:
        return self.expressions.setdefault(expression, len(self.expressions) + 1)

    def new_clauses(self) -> Mapping[int, Clause]:
        """The expressions that weren't asked for before, compiled."""
        new = {number: compile_expression(e, RULE_TYPES) for e, number in self.expressions.items()
               if number not in self.compiled}
        self.compiled.update(new)
        return new

    def concerned(self, match: Match, nick: str, mine: Filters) -> Concerned:
        """What a match means: the person's first filter that asks this."""
        name = next(
            each.name for each in mine[match.context] if self.id_of(each.expression) == match.expression_id)
        return Concerned(nick, match.context, name)


def fresh_index(people: Mapping[int, tuple[str, Filters]], registry: Registry) -> Index:
    """An index loaded with people by id."""
    with_filters = [
        (user_id, nick, profile)
        for user_id, (nick, mine) in people.items() if (profile := registry.profile(mine))
    ]
    return Index.of(1, Population.of(with_filters), registry.new_clauses())


def found_by_index(
    index: Index, registry: Registry, people: Mapping[int, tuple[str, Filters]], facts: Facts,
    directory: Directory,
) -> list[Concerned]:
    """Whom the index finds, sorted; twice if it finds somebody twice."""
    return sorted(
        registry.concerned(match, *people[match.user_id]) for match in index.match(facts, directory))


def found_naively(
    people: Mapping[int, tuple[str, Filters]], facts: Facts, directory: Directory,
) -> Sequence[Concerned]:
    """Whom the naive evaluator finds, sorted."""
    evaluator = NaiveEvaluator(dict(people.values()), directory, CATALOG)
    return sorted(evaluator.match(facts))
