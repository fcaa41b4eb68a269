"""FMN itself: what people changed of how they're told of things."""

from __future__ import annotations

from collections.abc import Mapping

from fmn.catalog.accounts_in_messages import person
from fmn.catalog.events import Application, EventType, sample
from fmn.catalog.identities import account_of
from fmn.catalog.message_reader import MessageReader

NOTIFICATIONS = "https://apps.fedoraproject.org/notifications/"

#: What can change of a preference, by FMN 2's name, as part of a sentence.
PARTS = {
    "batch_values": "when digests are sent",
    "details": "where notifications go",
    "enabled": "whether notifications are sent",
    "filters": "the filters",
    "shown": "what is shown",
    "triggered_by_links": "whether there are links to the filters",
    "markup_messages": "whether notifications have colours",
    "shorten_links": "whether links are shortened",
    "mime_digest": "how digests are put together",
}


class Fmn(EventType):
    """Anything from FMN."""

    def agent(self, m: MessageReader) -> str | None:
        return account_of(m, m.text("openid")) or person(m, "user") or None

    def link(self, m: MessageReader) -> str:
        return NOTIFICATIONS

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        context, changed = m.text("context"), m.text("changed")
        name = m.text("rule", "name")
        return {
            **super().template_values(m),
            "part": PARTS.get(changed) or (f"the {changed.replace('_', ' ')}" if changed else "something"),
            "context": f" for {context}" if context else "",
            "rule": f'the rule "{name}"' if name else "a rule",
        }


class PreferenceUpdate(Fmn):
    """Somebody changed a preference: where, when or whether notifications are sent."""

    topics = ("fmn.preference.update",)
    rule = "fmn_preference_update"
    title = "Preference changed"
    summary_template = "{who} changed {part}{context}"
    example = sample(changed="batch_values", context="email", openid="mary.id.fedoraproject.org")


class FilterUpdate(Fmn):
    """Somebody changed a filter."""

    topics = ("fmn.filter.update",)
    rule = "fmn_filter_update"
    title = "Filter changed"
    summary_template = "{who} changed {part} of a filter{context}"
    example = sample(changed="rules", context="email", openid="mary.id.fedoraproject.org")


class RuleUpdate(Fmn):
    """Somebody changed a rule in a filter."""

    topics = ("fmn.rule.update",)
    title = "Rule changed"
    summary_template = "{who} changed {part} of a rule{context}"
    example = sample(changed="arguments", context="irc", openid="mary.id.fedoraproject.org")


class ConfirmationUpdate(Fmn):
    """Somebody confirmed or denied that an address is theirs."""

    topics = ("fmn.confirmation.update",)
    rule = "fmn_confirmation_update"
    title = "Confirmation changed"
    summary_template = "{who} changed {part} of a confirmation{context}"
    example = sample(changed="status", context="irc", openid="mary.id.fedoraproject.org")


class RuleOfUser(Fmn):
    """A rule of FMN 3, which is what others call a filter."""

    example = sample(
        user={"id": 7, "name": "mary", "is_admin": False},
        rule={"id": 42, "name": "My packages", "disabled": False},
    )


class RuleCreatedV1(RuleOfUser):
    """Somebody made a rule (FMN 3)."""

    topics = ("fmn.rule.create.v1",)
    title = "Rule created (FMN 3)"
    summary_template = "{who} made {rule}"


class RuleUpdatedV1(RuleOfUser):
    """Somebody changed a rule (FMN 3)."""

    topics = ("fmn.rule.update.v1",)
    title = "Rule changed (FMN 3)"
    summary_template = "{who} changed {rule}"


class RuleDeletedV1(RuleOfUser):
    """Somebody deleted a rule (FMN 3)."""

    topics = ("fmn.rule.delete.v1",)
    title = "Rule deleted (FMN 3)"
    summary_template = "{who} deleted {rule}"


APPLICATION = Application(
    category="fmn",
    title="Notifications",
    help="FMN itself: preferences and filters that people changed.",
    catchall="fmn_catchall",
    icon="https://apps.fedoraproject.org/img/icons/fedmsg.png",
    other=Fmn,
    events=(
        PreferenceUpdate, FilterUpdate, RuleUpdate, ConfirmationUpdate,
        RuleCreatedV1, RuleUpdatedV1, RuleDeletedV1,
    ),
)
