"""Rules: the questions that filters may ask."""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import Field
from pyramid.httpexceptions import HTTPNotFound

from fmn.catalog import catalog
from fmn.filters.rule_types import RuleType
from webapp.api.models import QueryBool, QueryModel, ResponseModel
from webapp.api.operations import Operation, operation
from webapp.filters.rule_picker import rule_picker
from webapp.identity import Permission
from webapp.request import Request


class Argument(ResponseModel):
    """An argument of a rule. All values are strings; many take several, separated by commas.

    ``choices`` are all values if they are few; otherwise it is empty.
    """

    name: str
    title: str
    help: str
    sample: str
    choices: list[str]


class Rule(ResponseModel):
    """A rule for filters. ``example`` is a matching message or an example of its arguments.

    A ``retired`` rule never matches new messages.
    """

    name: str
    title: str
    help: str
    application: str
    arguments: list[Argument]
    example: str
    retired: bool

    @classmethod
    def of(cls, rule_type: RuleType, example: str) -> Self:
        """A rule that can be asked."""
        return cls(
            name=rule_type.name, title=rule_type.title, help=rule_type.help,
            application=rule_type.application,
            arguments=[
                Argument(
                    name=each.name, title=each.title, help=each.help, sample=each.sample,
                    choices=list(each.choices))
                for each in rule_type.arguments],
            example=example, retired=not rule_type.offered)


class Rules(ResponseModel):
    """Rules, by application."""

    rules: list[Rule]


class RulesQuery(QueryModel):
    """Which rules to list."""

    search: Annotated[str, Field(max_length=200, description=(
        "Search words, all of which must be in the rule’s name, title, help or application."))] = ""
    application: Annotated[str, Field(max_length=200, description=(
        "Category of an application, or generic for rules for any message."))] = ""
    retired: Annotated[
        QueryBool, Field(description="Include rules of retired applications.")] = False


@operation("api_rules", "GET", Permission.READ)
def list_rules(request: Request, query: RulesQuery) -> Rules:
    """List the rules for filters."""
    words = query.search.casefold().split()
    examples = _examples(request)
    return Rules(rules=[
        Rule.of(rule_type, examples.get(rule_type.name, ""))
        for rule_type in request.services.rule_types.by_name.values()
        if (rule_type.offered or query.retired) and query.application in ("", rule_type.application)
        and all(word in _words(rule_type) for word in words)
    ])


@operation("api_rule", "GET", Permission.READ)
def show_rule(request: Request) -> Rule:
    """Show a rule."""
    name = request.matchdict["rule"]
    found = request.services.rule_types.by_name.get(name)
    if found is None:
        raise HTTPNotFound
    return Rule.of(found, _examples(request).get(name, ""))


def _words(rule_type: RuleType) -> str:
    application = catalog().applications.get(rule_type.application)
    title = application.title if application else ""
    return f"{rule_type.name} {rule_type.title} {rule_type.help} {rule_type.application} {title}".casefold()


def _examples(request: Request) -> dict[str, str]:
    groups = rule_picker(request.services.rule_types, catalog()).groups
    return {offer.name: offer.example for group in groups for offer in group.offers}


OPERATIONS: Final[tuple[Operation, ...]] = (list_rules, show_rule)
