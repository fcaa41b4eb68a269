"""FreeIPA, the directory behind the account system: what its journal says of accounts and groups."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from fmn.catalog.events import Application, EventType, Severity
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.text import join_series, pluralize

#: Characters of a command's arguments that are read, and names in them: it's foreign text.
MAX_ARGUMENTS: Final = 100_000
MAX_NAMES: Final = 200


def arguments(m: MessageReader) -> JsonNode:
    """The arguments of the command that a message is about, which it has as text."""
    text = m.text("IPA_API_PARAMS")
    try:
        return JsonNode(json.loads(text) if len(text) <= MAX_ARGUMENTS else None)
    except (ValueError, RecursionError):
        return JsonNode(None)


def names(node: JsonNode, key: str) -> list[str]:
    """The names at ``key``: one or several."""
    return [node.text(key)] if node.text(key) else node.texts(key)[:MAX_NAMES]


def example(command: str, **more: Any) -> Mapping[str, Any]:
    """Body of an example: somebody gave this command with these arguments."""
    return {
        "IPA_API_ACTOR": "mary@EXAMPLE.ORG", "IPA_API_COMMAND": command, "IPA_API_RESULT": "SUCCESS",
        "IPA_API_PARAMS": json.dumps(more), "MESSAGE": f"[IPA.API] mary@EXAMPLE.ORG: {command}: SUCCESS",
        "SYSLOG_IDENTIFIER": "/mod_wsgi",
    }


class Ipa(EventType):
    """Anything from FreeIPA."""

    #: The account system says the same to people; this is for administrators.
    severity = Severity.DEBUG

    def agent(self, m: MessageReader) -> str | None:
        return m.text("IPA_API_ACTOR").partition("@")[0] or None

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        given = arguments(m)
        return (self.agent(m), *names(given, "uid"), *names(given, "user"))

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        given = arguments(m)
        group, command = given.text("cn"), m.text("IPA_API_COMMAND")
        return {
            **super().template_values(m),
            "group": f"the group {group}" if group else "a group",
            "user": next(iter(names(given, "uid")), "") or "of some name",
            "members": members(given),
            "tried": "" if m.text("IPA_API_RESULT") in ("SUCCESS", "") else ", which failed",
            "command": command.replace("_", " ") if command.replace("_", "").isalnum() else "something",
        }


def members(given: JsonNode) -> str:
    """Who was added or removed, as part of a sentence: ``sam``, ``the group moss``, ``sam and 4 more``."""
    users, groups = names(given, "user"), names(given, "group")
    named = "the group" if len(groups) == 1 else pluralize(len(groups), "group").partition(" ")[2]
    told = f"{named} {join_series(groups)}" if groups else ""
    return " and ".join(filter(None, (join_series(users), told))) or "somebody"


class Membership(Ipa):
    """Members of a group changed."""

    def groups(self, m: MessageReader) -> Iterable[str]:
        given = arguments(m)
        return (*names(given, "cn"), *names(given, "group"))


class GroupAddMember(Membership):
    """Somebody added people or groups to a group."""

    topics = ("ipa.group_add_member.*",)
    rule = "ipa_group_add_member"
    title = "Member added"
    summary_template = "{who} added {members} to {group}{tried}"
    group_summary_template = "{who:people} added members to {group:groups}: {members:members}"
    example = example("group_add_member", cn="mossers", user=["sam"])
    example_topic = "ipa.group_add_member.v1"


class GroupRemoveMember(Membership):
    """Somebody removed people or groups from a group."""

    topics = ("ipa.group_remove_member.*",)
    rule = "ipa_group_remove_member"
    title = "Member removed"
    summary_template = "{who} removed {members} from {group}{tried}"
    group_summary_template = "{who:people} removed members from {group:groups}: {members:members}"
    example = example("group_remove_member", cn="mossers", user=["sam", "tom"])
    example_topic = "ipa.group_remove_member.v1"


class UserAdd(Ipa):
    """Somebody made an account."""

    topics = ("ipa.user_add.*",)
    rule = "ipa_user_add"
    title = "New account"
    summary_template = "{who} made the account {user}{tried}"
    group_summary_template = "{who:people} made accounts: {user:accounts}"
    example = example("user_add", uid="sam", cn="Sam Sample")
    example_topic = "ipa.user_add.v1"


class Other(Membership):
    """Somebody gave another command."""

    topics = ("ipa.**",)
    rule = "ipa_other"
    title = "Other command"
    summary_template = "{who} gave the command {command}{tried}"
    group_summary_template = "{who:people} gave the commands {command:commands}"
    example = example("group_mod", cn="mossers", description="Friends of moss")
    example_topic = "ipa.group_mod.v1"

    def groups(self, m: MessageReader) -> Iterable[str]:
        # Commands about accounts have a person's name there.
        return super().groups(m) if m.text("IPA_API_COMMAND").startswith("group_") else ()


APPLICATION = Application(
    category="ipa",
    title="FreeIPA",
    help="The directory behind the account system: members of groups, new accounts.",
    icon="https://apps.fedoraproject.org/img/icons/ipa.png",
    other=Ipa,
    events=(GroupAddMember, GroupRemoveMember, UserAdd, Other),
)
