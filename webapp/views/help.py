"""Help page: filters, channels, schedule, inbox, filter syntax and API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pyramid.config import Configurator
from pyramid.security import NO_PERMISSION_REQUIRED

from fmn.filters.generic_rules import GENERIC_APPLICATION
from fmn.translations import mark
from webapp.request import Request

#: Filters as experts write them, and what each means.
EXAMPLES: Final[Mapping[str, str]] = {
    "maintains(@me) and not actor(@me)": mark("Everything that other people do with packages I maintain."),
    "user_filter(@me) and not actor(@me)": mark("Other people’s actions that mention me."),
    "package_filter(kernel) and (koji_build_failed or bugzilla_bug_new)":
        mark("Failed builds of the kernel and new bugs in it."),
    'package_regex_filter("^python3?-") and severity(warning)':
        mark("Warnings and errors about packages whose names start with python- or python3-."),
    "bodhi_update_comment and field(path=comment.karma, value=-1)":
        mark("Negative karma for an update."),
    "member(@me) and not actor(@me)": mark("What other people do about groups that I’m in."),
    "group_maintains(infra-sig) and koji_build_failed": mark("Failed builds of a group’s packages."),
    "application(planet) or event(badges_badge_award)": mark("Every blog post and every badge."),
}


def includeme(config: Configurator) -> None:
    """Add the view."""
    config.add_view(
        show_help, route_name="help", request_method="GET", renderer="help.mako",
        permission=NO_PERMISSION_REQUIRED)


def show_help(request: Request) -> Mapping[str, object]:
    """Help page."""
    rule_types = request.services.rule_types.by_name.values()
    return {
        "examples": EXAMPLES,
        "rules": [each for each in rule_types if each.application == GENERIC_APPLICATION],
        "days": request.services.settings.history.days,
    }
