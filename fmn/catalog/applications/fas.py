"""The account system: accounts, groups and who is in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fmn.catalog.accounts_in_messages import person
from fmn.catalog.events import Application, EventType, Severity, sample
from fmn.catalog.message_reader import JsonNode, MessageReader
from fmn.text import join_series

#: A profile has more fields than a sentence can take.
FIELDS_IN_SENTENCE = 6


def details(m: MessageReader) -> JsonNode:
    """What a message says: Noggin, today's account system, wraps it in an object of its own."""
    return m.at("msg") if m.keys("msg") else m


class Account(EventType):
    """Anything from the account system."""

    def agent(self, m: MessageReader) -> str | None:
        return person(details(m), "agent") or None

    def user(self, m: MessageReader) -> str:
        """Whom it happened to."""
        return person(details(m), "user")

    def usernames(self, m: MessageReader) -> Iterable[str | None]:
        return (self.agent(m), self.user(m))

    def groups(self, m: MessageReader) -> Iterable[str]:
        return (person(details(m), "group"),)

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        group, user = person(details(m), "group"), self.user(m)
        return {
            **super().template_values(m),
            "user": user or "somebody",
            "whose": "their own profile" if user == self.agent(m) else f"the profile of {user or 'somebody'}",
            "group": f"the group {group}" if group else "a group",
            "fields": join_series(details(m).texts("fields"), most=FIELDS_IN_SENTENCE) or "something",
        }


class UserCreate(Account):
    """Somebody made an account."""

    topics = ("fas.user.create",)
    rule = "fas_user_create"
    title = "New account"
    summary_template = "{who} made {account}"
    example = sample(agent="sam", user="sam")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        user = self.user(m)
        account = f"the account {user}" if user and user != self.agent(m) else "an account"
        return {**super().template_values(m), "account": account}


class UserUpdate(Account):
    """Somebody changed the profile of an account."""

    topics = ("fas.user.update",)
    rule = "fas_user_update"
    title = "Profile changed"
    summary_template = "{who} changed {fields} in {whose}"
    severity = Severity.WARNING
    example = sample(agent="mary", user="sam", fields=["comments", "timezone"])


class GroupCreate(Account):
    """Somebody made a group."""

    topics = ("fas.group.create",)
    rule = "fas_group_create"
    title = "New group"
    summary_template = "{who} made {group}"
    example = sample(agent="mary", group="mossers")


class GroupUpdate(Account):
    """Somebody changed what a group is."""

    topics = ("fas.group.update",)
    rule = "fas_group_update"
    title = "Group changed"
    summary_template = "{who} changed {fields} of {group}"
    group_summary_template = "{who:people} changed {fields:alike} of {group:groups}"
    example = sample(agent="mary", group="mossers", fields=["display_name", "joinmsg"])


class MemberApply(Account):
    """Somebody asked to become a member of a group."""

    topics = ("fas.group.member.apply",)
    rule = "fas_group_member_apply"
    title = "Membership applied for"
    summary_template = "{who} asked that {user} be a member of {group}"
    group_summary_template = "{who:people} applied for {group:groups}"
    example = sample(agent="sam", user="sam", group="mossers")

    def summary(self, m: MessageReader) -> str:
        if self.agent(m) == self.user(m):
            return "{who} asked to be a member of {group}".format_map(self.template_values(m))
        return super().summary(m)


class MemberSponsor(Account):
    """Somebody made somebody else a member of a group."""

    topics = ("fas.group.member.sponsor",)
    rule = "fas_group_member_sponsor"
    title = "Member sponsored"
    summary_template = "{who} made {user} a member of {group}"
    group_summary_template = "{who:people} added {user:people} to {group:groups}"
    example = sample(agent="mary", user="sam", group="mossers")


class MemberRemove(Account):
    """Somebody is no longer a member of a group."""

    topics = ("fas.group.member.remove", "fas.group.member.removed")
    rule = "fas_group_member_remove"
    title = "Member removed"
    summary_template = "{who} removed {user} from {group}"
    severity = Severity.WARNING
    example = sample(agent="mary", user="sam", group="mossers")

    def summary(self, m: MessageReader) -> str:
        if self.agent(m) == self.user(m):
            return "{who} left {group}".format_map(self.template_values(m))
        return super().summary(m)


class RoleUpdate(Account):
    """Somebody's role in a group changed."""

    topics = ("fas.role.update",)
    rule = "fas_role_update"
    title = "Role changed"
    summary_template = "{who} changed the role of {user} in {group}{status}"
    group_summary_template = "{who:people} changed the roles of {user:people} in {group:groups}{status}"
    example = sample(agent="mary", user="sam", group="mossers", status="sponsor")

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        status = person(details(m), "status")
        return {**super().template_values(m), "status": f" to {status}" if status else ""}


APPLICATION = Application(
    category="fas",
    title="Account system",
    help="Accounts and groups: made, changed, joined, left.",
    icon="https://admin.fedoraproject.org/accounts/static/theme/fas/images/account.png",
    other=Account,
    events=(
        UserCreate, UserUpdate, GroupCreate, GroupUpdate,
        MemberApply, MemberSponsor, MemberRemove, RoleUpdate,
    ),
)
