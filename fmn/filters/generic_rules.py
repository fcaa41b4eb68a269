"""Generic rules, which apply to messages of any application.

Rules that FMN 2 had keep its names and arguments. An argument may list several values, separated by commas,
any of which may match.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

import re2

from fmn.catalog import Argument, Catalog, Severity
from fmn.filters.conditions import (
    ACTED,
    COMMITS_EXACTLY,
    COMMITS_TO,
    IN_GROUP,
    NAMED,
    UNSEARCHABLE_IN_FIELDS,
    WATCHES_EXACTLY,
    WATCHES_IT,
    CheckCondition,
    CheckedMessage,
    Condition,
    KeyCondition,
    KeyKind,
    MessagePart,
    Relations,
    RequiredAtoms,
)
from fmn.filters.expressions import ACCOUNT_ARGUMENT, ME
from fmn.filters.field_paths import parse_path, values_at
from fmn.filters.regexes import Pattern
from fmn.filters.required_atoms import Conjuncts, atoms_of_values, required_atoms
from fmn.filters.rule_arguments import (
    argument_values,
    check_accounts,
    check_groups,
    check_packages,
    known_value_check,
    suggestion,
)
from fmn.filters.rule_definition import Arguments, RuleError, RuleType
from fmn.text import split_list
from fmn.translations import gettext, mark

#: The application of rules that belong to none.
GENERIC_APPLICATION: Final = "generic"
#: The rule that asks for topics by pattern.
TOPIC_RULE: Final = "topic_filter"
#: The rules about the body's text and its fields, and the one about packages' names by pattern.
TEXT_RULE: Final = "regex_filter"
FIELD_RULE: Final = "field"
FIELD_REGEX_RULE: Final = "field_regex"
PACKAGE_REGEX_RULE: Final = "package_regex_filter"
#: The rule about packages of a group.
GROUP_PACKAGES_RULE: Final = "group_maintains"

#: Severities that can be asked for, in rising order. Every message is at least as severe as the lowest.
_LEVELS: Final = tuple(map(str, Severity))

_BODY: Final = frozenset({MessagePart.BODY})


def _people(arguments: Arguments, kinds: Iterable[KeyKind], ties: Relations) -> KeyCondition:
    nicks = argument_values(arguments, ACCOUNT_ARGUMENT)
    keys = frozenset((kind, nick) for nick in nicks if nick != ME for kind in kinds)
    return KeyCondition(keys, ties if ME in nicks else 0)


def _any_key(kind: KeyKind, argument: str) -> Callable[[Arguments], Condition]:
    return lambda arguments: KeyCondition(
        frozenset((kind, value) for value in argument_values(arguments, argument)))


def _severity(arguments: Arguments) -> Condition:
    wanted = arguments["severity"].strip().lower()
    if wanted not in _LEVELS:
        hint = suggestion(wanted, _LEVELS) or gettext(": there are {names}").format(
            names=", ".join(_LEVELS[1:]))
        refusal = gettext("{name} is no severity").format(name=repr(arguments["severity"]))
        raise RuleError(f"{refusal}{hint}")
    at_least = _LEVELS[_LEVELS.index(wanted):]
    return KeyCondition(frozenset((KeyKind.SEVERITY, level) for level in at_least))


def _check_severity(arguments: Arguments) -> None:
    if arguments["severity"].strip().lower() == _LEVELS[0]:
        raise RuleError(gettext("every message is at least {severity}: leave the rule out").format(
            severity=_LEVELS[0]))


def _message_regex(arguments: Arguments) -> Condition:
    pattern = Pattern(arguments["pattern"])
    return CheckCondition(
        TEXT_RULE, tuple(arguments.items()), lambda s: pattern.search(s.text), reads=_BODY,
        program=pattern.size, atoms=RequiredAtoms.of(KeyKind.TEXT_ATOMS, required_atoms(pattern.text)))


def _package_regex(arguments: Arguments) -> Condition:
    pattern = Pattern(arguments["pattern"])

    def holds(subject: CheckedMessage) -> bool:
        return any(pattern.search(_bytes(package.name)) for package in subject.facts.packages)

    return CheckCondition(
        PACKAGE_REGEX_RULE, tuple(arguments.items()), holds, reads=frozenset({MessagePart.PACKAGES}),
        program=pattern.size, atoms=RequiredAtoms.of(KeyKind.PACKAGE_ATOMS, required_atoms(pattern.text)))


def _topic(arguments: Arguments) -> Condition:
    pattern = _topic_pattern(arguments)
    return CheckCondition(
        TOPIC_RULE, tuple(arguments.items()), lambda s: pattern.fullmatch(_bytes(s.facts.message.topic)),
        reads=frozenset({MessagePart.TOPIC}), program=pattern.size,
        atoms=RequiredAtoms.of(KeyKind.TOPIC_ATOMS, required_atoms(pattern.text)))


def topic_patterns(arguments: Arguments) -> Callable[[str], bool]:
    """Condition of the rule ``topic_filter``.

    :raises fmn.filters.rule_definition.RuleError: the pattern can't be used
    """
    pattern = _topic_pattern(arguments)
    return lambda topic: pattern.fullmatch(_bytes(topic))


def _topic_pattern(arguments: Arguments) -> Pattern:
    globs = (glob.split("*") for glob in argument_values(arguments, "pattern"))
    return Pattern("(?s)" + "|".join(".*".join(map(re2.escape, parts)) for parts in globs))


def _field(arguments: Arguments) -> Condition:
    path, wanted = parse_path(arguments["path"]), frozenset(argument_values(arguments, "value"))

    def holds(subject: CheckedMessage) -> bool:
        return any(text in wanted for text in values_at(subject.facts.message.body, path))

    return CheckCondition(
        FIELD_RULE, tuple(sorted(arguments.items())), holds, reads=_BODY, walks=True,
        atoms=_in_field(atoms_of_values(wanted)))


def _field_regex(arguments: Arguments) -> Condition:
    path, pattern = parse_path(arguments["path"]), Pattern(arguments["pattern"])

    def holds(subject: CheckedMessage) -> bool:
        return any(pattern.search(_bytes(text)) for text in values_at(subject.facts.message.body, path))

    return CheckCondition(
        FIELD_REGEX_RULE, tuple(sorted(arguments.items())), holds, reads=_BODY, walks=True,
        program=pattern.size, atoms=_in_field(required_atoms(pattern.text)))


def _in_field(found: Conjuncts) -> RequiredAtoms:
    """Atoms of a field's value, which the message's text has too, as JSON writes them."""
    return RequiredAtoms.of(KeyKind.TEXT_ATOMS, found, UNSEARCHABLE_IN_FIELDS)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


NICK: Final = Argument(
    ACCOUNT_ARGUMENT, "Account name", "One account name, or several separated by commas; @me is you.", "mary")
GROUP: Final = Argument("group", "Group", "Its name; several with commas.", "packager")
GROUP_OF_PACKAGES: Final = replace(GROUP, sample="infra-sig")
PATTERN: Final = Argument("pattern", "Regular expression", "In RE2's syntax.", "^python-")
PATH: Final = Argument(
    "path", "Path",
    "The keys that lead to the field, with dots between them. A number is a place in a list, from 0; "
    "* is every key or place.", "update.user.name")


def _about_people(
    name: str, title: str, text: str, kinds: tuple[KeyKind, ...], ties: Relations, *, negates: bool = False,
) -> RuleType:
    return RuleType(
        name, title, text, GENERIC_APPLICATION, lambda arguments: _people(arguments, kinds, ties), (NICK,),
        negates=negates, check=check_accounts, keys_by_value=True)


GENERIC_RULES: Final = (
    _about_people(
        "user_filter", "Concerns a person", "The message names this account.", (KeyKind.USER,), NAMED),
    _about_people(
        "not_user_filter", "Concerns other people", "The message names none of these accounts.",
        (KeyKind.USER,), NAMED, negates=True),
    _about_people(
        "actor", "Caused by a person", "This account did what the message tells of.",
        (KeyKind.ACTOR,), ACTED),
    RuleType(
        "fas_group_member_filter", "Concerns a member of a group",
        "The message names somebody who is in this group.", GENERIC_APPLICATION,
        _any_key(KeyKind.GROUP, "group"), (GROUP,), check=check_groups, keys_by_value=True),
    RuleType(
        "group", "Concerns a group",
        "The message is about this group, such as a change of its members.", GENERIC_APPLICATION,
        _any_key(KeyKind.ABOUT_GROUP, "group"), (GROUP,), check=check_groups, keys_by_value=True),
    _about_people(
        "member", "Concerns a group somebody is in", "The message is about a group that this account is in.",
        (KeyKind.MEMBER,), IN_GROUP),
    _about_people(
        "maintains", "Concerns packages somebody maintains, in their namespace",
        "The message is about a package that this account may commit to; rpms/php isn't modules/php.",
        (KeyKind.COMMITS_EXACTLY,), COMMITS_EXACTLY),
    _about_people(
        "watches", "Concerns packages somebody watches, in their namespace",
        "The message is about a package that this account watches; rpms/php isn't modules/php.",
        (KeyKind.WATCHES_EXACTLY,), WATCHES_EXACTLY),
    _about_people(
        "user_package_filter", "Concerns somebody's packages",
        "The message is about a package that this account maintains or watches, by its name alone.",
        (KeyKind.COMMITS, KeyKind.WATCHES), COMMITS_TO | WATCHES_IT),
    _about_people(
        "user_package_commit_filter", "Concerns packages somebody maintains",
        "The message is about a package that this account may commit to, by its name alone.",
        (KeyKind.COMMITS,), COMMITS_TO),
    _about_people(
        "user_package_watch_filter", "Concerns packages somebody watches",
        "The message is about a package that this account watches, by its name alone.",
        (KeyKind.WATCHES,), WATCHES_IT),
    RuleType(
        GROUP_PACKAGES_RULE, "Concerns a group's packages",
        "The message is about a package that this group may commit to; packages of its members alone don't "
        "count, and rpms/php isn't modules/php.", GENERIC_APPLICATION,
        _any_key(KeyKind.GROUP_COMMITS, "group"), (GROUP_OF_PACKAGES,), check=check_groups,
        keys_by_value=True),
    RuleType(
        "package_filter", "Concerns a package",
        "The message is about this package: php, or rpms/php for one namespace only.", GENERIC_APPLICATION,
        _any_key(KeyKind.PACKAGE, "package"), (Argument("package", "Package", sample="kernel"),),
        check=check_packages, keys_by_value=True),
    RuleType(
        PACKAGE_REGEX_RULE, "Concerns packages by pattern",
        "The name of one of the message's packages fits this regular expression.", GENERIC_APPLICATION,
        _package_regex, (PATTERN,), atoms=KeyKind.PACKAGE_ATOMS),
    RuleType(
        "severity", "Is at least so severe",
        "The message is of this severity or a higher one: info, warning or error.", GENERIC_APPLICATION,
        _severity, (Argument(
            "severity", "Severity, at least", "info, warning or error.", "warning", choices=_LEVELS[1:]),),
        check=_check_severity),
    RuleType(
        TOPIC_RULE, "Has a topic",
        "The topic fits one of these patterns, in which * stands for any characters.", GENERIC_APPLICATION,
        _topic, (Argument("pattern", "Topic pattern", sample="*.bodhi.update.*"),)),
    RuleType(
        TEXT_RULE, "Contains a text",
        "The message's body, as JSON text, fits this regular expression.", GENERIC_APPLICATION,
        _message_regex, (PATTERN,), atoms=KeyKind.TEXT_ATOMS),
    RuleType(
        FIELD_RULE, "Has a field with a value",
        "A field of the message's body has one of these values.", GENERIC_APPLICATION,
        _field, (PATH, Argument("value", "Value", "One value, or several separated by commas.", "mary"))),
    RuleType(
        FIELD_REGEX_RULE, "Has a field that fits",
        "A field of the message's body fits this regular expression.", GENERIC_APPLICATION,
        _field_regex, (PATH, PATTERN)),
)


def _application_ids(known: Catalog) -> Callable[[Arguments], Arguments]:
    """Replaces applications' titles by their ids, in any case: an id goes before a title."""
    ids = {each.title.casefold(): category for category, each in known.applications.items()}
    ids |= {category.casefold(): category for category in known.applications}

    def canonical(arguments: Arguments) -> Arguments:
        return {name: _with_ids(value, ids) for name, value in arguments.items()}

    return canonical


def _with_ids(value: str, ids: Mapping[str, str]) -> str:
    """The listed values with their ids; a list without other names stays as it is written."""
    listed = split_list(value)
    found = [ids.get(each.casefold(), each) for each in listed]
    return value if found == listed else ", ".join(found)


def catalog_rules(known: Catalog) -> Iterator[RuleType]:
    """The generic rules that need a catalogue's names: of applications and event types."""
    yield RuleType(
        "application", "Comes from an application",
        "The message comes from this application, whatever it says.", GENERIC_APPLICATION,
        _any_key(KeyKind.CATEGORY, "application"),
        (Argument(
            "application", "Application", "Its name or its id on the bus; several with commas.", "bodhi"),),
        check=known_value_check(
            "application", mark("there is no application {name}"), known.applications,
            mark("if the bus has it, topic_filter(*.{name}.*) asks for it")),
        keys_by_value=True, canonical=_application_ids(known))
    yield RuleType(
        "event", "Is of a kind",
        "The message is of this event type, or of one of several.", GENERIC_APPLICATION,
        _any_key(KeyKind.EVENT, "event"),
        (Argument("event", "Event type", "Its name; several with commas.", "bodhi_update_comment"),),
        check=known_value_check(
            "event", mark("there is no event type {name}"), known.events_by_name,
            mark("fmn catalog list names them all")),
        keys_by_value=True)
