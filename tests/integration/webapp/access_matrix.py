"""Who may do what: a row for every address and method of the web app.

``test_who_may_what.py`` tries each row as everybody, and fails for a view that has none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum

from tests.integration.webapp.alices_rows import Own


class Requester(StrEnum):
    """Who tries: browsers of people, and programs with tokens of one scope each, or of both."""

    NOBODY = "nobody"
    ALICE = "alice"
    MALLORY = "mallory"
    ROOT = "root"
    ALICE_READS = "alice's program that may read"
    ALICE_WRITES = "alice's program that may write"
    MALLORY_BOTH = "mallory's program that may both"
    MALLORY_PUBLISHES = "mallory's program that may publish"
    ROOT_PUBLISHES = "root's program that may publish"


class Outcome(Enum):
    """What comes of it."""

    LET_IN = "let in"
    SIGN_IN = "led to the sign-in"
    REFUSED = "refused"
    NOT_THERE = "not there"


class Policy(Enum):
    """Whose something is."""

    #: Everybody's, as far as its link goes.
    PUBLIC = "public"
    #: Everybody who signs in sees their own.
    SELF = "self"
    #: Alice's: to others it isn't there.
    ALICES = "alices"
    #: A group's, of which Alice is an editor: hers and the administrators', and not there for others.
    GROUPS = "groups"
    #: The administrators'.
    ADMINISTRATORS = "administrators"
    #: A forge's, which proves itself by a signature: to everybody else it isn't there.
    FORGES = "forges"
    #: Programs': each sees and changes its owner's, within its scope.
    API_READ = "api read"
    API_WRITE = "api write"
    #: The same, of a thing of Alice's.
    API_READ_ALICES = "api read alices"
    API_WRITE_ALICES = "api write alices"
    #: Administrators' programs', which speak to everybody.
    API_PUBLISH = "api publish"


#: Programs that may neither read nor write; Mallory is no administrator, whatever her token says.
_PUBLISHERS = (Requester.MALLORY_PUBLISHES, Requester.ROOT_PUBLISHES)
_PROGRAMS = (Requester.ALICE_READS, Requester.ALICE_WRITES, Requester.MALLORY_BOTH, *_PUBLISHERS)


def outcome(policy: Policy, who: Requester, method: str) -> Outcome:
    """What comes of it when somebody tries something of this policy."""
    if policy is Policy.PUBLIC:
        return Outcome.LET_IN
    if policy is Policy.FORGES:
        return Outcome.NOT_THERE
    if policy in (Policy.SELF, Policy.ALICES, Policy.GROUPS, Policy.ADMINISTRATORS):
        return _of_page(policy, who, method)
    return _of_program(policy, who)


def _of_program(policy: Policy, who: Requester) -> Outcome:
    if policy is Policy.API_PUBLISH or who in _PUBLISHERS:
        both = policy is Policy.API_PUBLISH and who is Requester.ROOT_PUBLISHES
        return Outcome.LET_IN if both else Outcome.REFUSED
    if who is Requester.MALLORY_BOTH:
        return Outcome.LET_IN if policy in (Policy.API_READ, Policy.API_WRITE) else Outcome.NOT_THERE
    reads = policy in (Policy.API_READ, Policy.API_READ_ALICES)
    scope = Requester.ALICE_READS if reads else Requester.ALICE_WRITES
    return Outcome.LET_IN if who is scope else Outcome.REFUSED


def _of_page(policy: Policy, who: Requester, method: str) -> Outcome:
    if who is Requester.NOBODY:
        return Outcome.SIGN_IN if method == "GET" else Outcome.REFUSED
    if who in _PROGRAMS:
        return Outcome.REFUSED
    if policy is Policy.ADMINISTRATORS:
        return Outcome.LET_IN if who is Requester.ROOT else Outcome.REFUSED
    if policy is Policy.ALICES:
        return Outcome.LET_IN if who is Requester.ALICE else Outcome.NOT_THERE
    if policy is Policy.GROUPS:
        return Outcome.NOT_THERE if who is Requester.MALLORY else Outcome.LET_IN
    return Outcome.LET_IN


@dataclass(frozen=True)
class AccessCase:
    """A route and a method, whose it is, where it is in Alice's world, and what is sent."""

    route: str
    method: str
    policy: Policy
    path: Callable[[Own], str]
    form: Mapping[str, str] = field(default_factory=dict)
    #: What a program sends.
    body: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def at(path: str) -> Callable[[Own], str]:
    """A path in which ``{filter}``, ``{address}`` and so on stand for what Alice has."""
    return lambda own: path.format_map(own.ids)


ROWS = (
    # What anybody may see
    AccessCase("home", "GET", Policy.PUBLIC, at("/")),
    AccessCase("help", "GET", Policy.PUBLIC, at("/help")),
    AccessCase("catalogue", "GET", Policy.PUBLIC, at("/catalogue")),
    AccessCase("catalogue_application", "GET", Policy.PUBLIC, at("/catalogue/bodhi")),
    AccessCase("sign_in", "GET", Policy.PUBLIC, at("/sign-in")),
    AccessCase("sign_in", "POST", Policy.PUBLIC, at("/sign-in"), {"nick": "somebody"}),
    AccessCase("why", "GET", Policy.PUBLIC, at("/why/{why}")),
    AccessCase("unsubscribe", "GET", Policy.PUBLIC, at("/unsubscribe/{unsubscribe}")),
    AccessCase("unsubscribe", "POST", Policy.PUBLIC, at("/unsubscribe/{unsubscribe}"), {"action": "stop"}),
    AccessCase("go", "GET", Policy.PUBLIC, at("/go/{go}")),
    AccessCase("healthz", "GET", Policy.PUBLIC, at("/healthz")),
    AccessCase("livez", "GET", Policy.PUBLIC, at("/livez")),
    AccessCase("readyz", "GET", Policy.PUBLIC, at("/readyz")),
    AccessCase("security_txt", "GET", Policy.PUBLIC, at("/.well-known/security.txt")),
    AccessCase("service_worker", "GET", Policy.PUBLIC, at("/service-worker.js")),
    AccessCase("manifest", "GET", Policy.PUBLIC, at("/manifest.webmanifest")),
    # Being signed in
    AccessCase("sign_in_begin", "GET", Policy.PUBLIC, at("/sign-in/begin")),
    AccessCase("sign_in_callback", "GET", Policy.PUBLIC, at("/sign-in/callback")),
    AccessCase("sign_out", "GET", Policy.PUBLIC, at("/sign-out")),
    AccessCase("sign_out", "POST", Policy.PUBLIC, at("/sign-out")),
    # The first visit
    AccessCase("welcome", "GET", Policy.SELF, at("/welcome")),
    AccessCase("welcome", "POST", Policy.SELF, at("/welcome"),
        {"presets": "name", "address-email": "me@example.org"}),
    # What one may watch
    AccessCase("watch", "GET", Policy.SELF, at("/watch?package=rpms/moss")),
    *(case for route, path in (
        ("package", "/packages/rpms/moss"), ("person", "/people/mary"), ("group", "/groups/infra"),
        ("application", "/applications/bodhi"),
    ) for case in (
        AccessCase(route, "GET", Policy.SELF, at(path)),
        AccessCase(route, "POST", Policy.SELF, at(path), {"context": "email"}))),
    # Filters that one shares, and others take over
    AccessCase("share", "GET", Policy.SELF, at("/preferences/email/share")),
    AccessCase("share", "POST", Policy.SELF, at("/preferences/email/share"), {"filter": "1"}),
    AccessCase("share_stop", "POST", Policy.SELF, at("/shared-links/1/stop")),
    AccessCase("shared", "GET", Policy.SELF, at("/shared/{shared}")),
    AccessCase("shared", "POST", Policy.SELF, at("/shared/{shared}"), {"context": "email", "take": "0"}),
    # Services
    AccessCase("services", "GET", Policy.SELF, at("/services")),
    AccessCase("service", "GET", Policy.SELF, at("/services/ntfy")),
    AccessCase(
        "service", "POST", Policy.SELF, at("/services/ntfy"), {"server": "https://ntfy.sh", "topic": "moss"}),
    AccessCase(
        "web_push_renewal", "POST", Policy.SELF, at("/web-push/renewal"), {"old": "https://push.example/1"},
        headers={"Sec-Fetch-Site": "same-origin"}),
    # A context
    AccessCase("preference", "GET", Policy.SELF, at("/preferences/email")),
    AccessCase("preference_switch", "POST", Policy.SELF, at("/preferences/email/switch"), {"on": "false"}),
    AccessCase("preference_frequency", "POST", Policy.SELF, at("/preferences/email/frequency"),
        {"mode": "digest", "digest_count": "5", "version": "0"}),
    AccessCase("preference_quiet", "POST", Policy.SELF, at("/preferences/email/quiet"), {"version": "0"}),
    AccessCase("preference_presentation", "POST", Policy.SELF, at("/preferences/email/presentation"),
        {"version": "0"}),
    AccessCase(
        "addresses", "POST", Policy.SELF, at("/preferences/email/addresses"), {"address": "new@example.org"}),
    AccessCase("address", "POST", Policy.ALICES, at("/addresses/{address}/resend")),
    AccessCase("address", "POST", Policy.ALICES, at("/addresses/{address}/code"), {"code": "ABCD-EFGH"}),
    AccessCase("confirm", "GET", Policy.PUBLIC, at("/confirm/{confirm}")),
    AccessCase("confirm", "POST", Policy.PUBLIC, at("/confirm/{confirm}"), {"action": "confirm"}),
    # The list of filters
    AccessCase("filters", "GET", Policy.SELF, at("/preferences/email/filters")),
    AccessCase("filters", "POST", Policy.SELF, at("/preferences/email/filters"), {"action": "delete"}),
    AccessCase("filter_action", "POST", Policy.ALICES, at("/filters/{filter}/switch"), {"on": "false"}),
    AccessCase("filter_action", "POST", Policy.ALICES, at("/filters/{filter}/delete")),
    AccessCase("undo", "POST", Policy.ALICES, at("/undo/{undo}")),
    # The filter editor
    AccessCase("filter_new", "GET", Policy.SELF, at("/preferences/email/filters/new")),
    AccessCase("filter_new", "POST", Policy.SELF, at("/preferences/email/filters/new"),
        {"do": "save", "shape": "rows", "rule-0": "koji_tag"}),
    AccessCase("filter", "GET", Policy.ALICES, at("/filters/{filter}")),
    AccessCase("filter", "POST", Policy.ALICES, at("/filters/{filter}"),
        {"do": "save", "context": "email", "shape": "rows", "rule-0": "koji_tag"}),
    AccessCase("preview", "POST", Policy.SELF, at("/preview"),
        {"context": "email", "shape": "rows", "rule-0": "koji_tag"}),
    AccessCase("completions", "GET", Policy.SELF, at("/completions/users?q=a")),
    # Filters of groups
    AccessCase("groups", "GET", Policy.SELF, at("/groups")),
    AccessCase("group_filters", "GET", Policy.GROUPS, at("/groups/infra/filters")),
    AccessCase("group_choice", "POST", Policy.ALICES, at("/groups/infra/opt-out")),
    AccessCase(
        "group_editors", "POST", Policy.ADMINISTRATORS, at("/groups/infra/editors"), {"nick": "alice"}),
    AccessCase("group_filter_new", "GET", Policy.GROUPS, at("/groups/infra/filters/new")),
    AccessCase("group_filter_new", "POST", Policy.GROUPS, at("/groups/infra/filters/new"),
        {"do": "save", "group": "infra", "shape": "rows", "rule-0": "koji_tag", "confirmed": "true"}),
    AccessCase("group_filter", "GET", Policy.GROUPS, at("/groups/infra/filters/{group_filter}")),
    AccessCase("group_filter", "POST", Policy.GROUPS, at("/groups/infra/filters/{group_filter}"),
        {"do": "save", "group": "infra", "shape": "rows", "rule-0": "koji_tag", "confirmed": "true"}),
    AccessCase("group_filter_action", "POST", Policy.GROUPS, at(
        "/groups/infra/filters/{group_filter}/switch"), {"on": "false"}),
    AccessCase("group_undo", "POST", Policy.GROUPS, at("/groups/infra/undo/{group_undo}")),
    # The inbox, its feed, and what is muted
    AccessCase("inbox", "GET", Policy.SELF, at("/inbox")),
    AccessCase("inbox_live", "GET", Policy.SELF, at("/inbox/live?since=0")),
    AccessCase("inbox_completions", "GET", Policy.SELF, at("/inbox/completions?q=pack")),
    AccessCase("commands", "GET", Policy.SELF, at("/commands")),
    AccessCase("inbox_triage", "POST", Policy.SELF, at("/inbox/triage"), {"all": "read", "newest": "1"}),
    AccessCase("inbox_snooze", "GET", Policy.ALICES, at("/inbox/snooze/{notification}")),
    AccessCase("inbox_undo", "POST", Policy.ALICES, at("/inbox/undo/{inbox_undo}")),
    AccessCase("inbox_searches", "POST", Policy.SELF, at("/inbox/searches"), {"name": "x", "q": "moss"}),
    AccessCase("inbox_search", "POST", Policy.ALICES, at("/inbox/searches/{search}/delete")),
    AccessCase("feed", "GET", Policy.PUBLIC, at("/feed/{feed}")),
    AccessCase("why_not", "GET", Policy.SELF, at("/why-not?q={msg_id}")),
    AccessCase("mutes", "GET", Policy.SELF, at("/mutes")),
    AccessCase("mute_lift", "POST", Policy.ALICES, at("/mutes/{mute}/lift")),
    AccessCase("why_mute", "POST", Policy.ALICES, at("/why/{why}/mute"),
        {"kind": "package", "value": "rpms/moss", "span": "week"}),
    # One's account
    AccessCase("account", "GET", Policy.SELF, at("/account")),
    AccessCase(
        "account_time_zone", "POST", Policy.SELF, at("/account/time-zone"), {"time_zone": "Asia/Tokyo"}),
    AccessCase("pause", "POST", Policy.SELF, at("/account/pause"), {"span": "hour"}),
    AccessCase("resume", "POST", Policy.SELF, at("/account/resume")),
    AccessCase("account_language", "POST", Policy.SELF, at("/account/language"), {"language": "de"}),
    AccessCase("account_sessions", "POST", Policy.SELF, at("/account/sessions")),
    AccessCase("account_session", "POST", Policy.ALICES, at("/account/sessions/{session}/end")),
    AccessCase("account_feed", "POST", Policy.SELF, at("/account/feed")),
    AccessCase("account_export", "GET", Policy.SELF, at("/account/export")),
    AccessCase("account_delete", "GET", Policy.SELF, at("/account/delete")),
    AccessCase("account_delete", "POST", Policy.SELF, at("/account/delete"), {"nick": "somebody"}),
    # Administration
    AccessCase("admin", "GET", Policy.ADMINISTRATORS, at("/admin")),
    AccessCase("admin_people", "GET", Policy.ADMINISTRATORS, at("/admin/people")),
    AccessCase("admin_person", "GET", Policy.ADMINISTRATORS, at("/admin/people/alice")),
    AccessCase("admin_filter_stop", "POST", Policy.ADMINISTRATORS, at("/admin/filters/{filter}/stop"),
        {"note": "Too much."}),
    AccessCase("admin_deliveries", "GET", Policy.ADMINISTRATORS, at("/admin/deliveries")),
    AccessCase("admin_deliveries", "POST", Policy.ADMINISTRATORS, at("/admin/deliveries"),
        {"context": "email", "reason": "any", "action": "retry"}),
    AccessCase("admin_trace", "GET", Policy.ADMINISTRATORS, at("/admin/trace?q={msg_id}")),
    AccessCase("admin_topics", "GET", Policy.ADMINISTRATORS, at("/admin/topics")),
    AccessCase("admin_unreadable", "GET", Policy.ADMINISTRATORS, at("/admin/unreadable")),
    AccessCase("admin_audit", "GET", Policy.ADMINISTRATORS, at("/admin/audit")),
    AccessCase("admin_hooks", "GET", Policy.ADMINISTRATORS, at("/admin/webhooks")),
    AccessCase("admin_hooks", "POST", Policy.ADMINISTRATORS, at("/admin/webhooks"),
        {"name": "another", "forge": "github", "topic_prefix": "org.example.prod"}),
    AccessCase("admin_hook", "GET", Policy.ADMINISTRATORS, at("/admin/webhooks/{hook}")),
    AccessCase("admin_hook_action", "POST", Policy.ADMINISTRATORS, at("/admin/webhooks/{hook}/rotate"),
        {"generation": "1"}),
    # What forges call
    AccessCase("hook", "POST", Policy.FORGES, at("/hooks/{hook}")),
    # Files and tokens
    AccessCase("tokens", "GET", Policy.SELF, at("/account/tokens")),
    AccessCase("tokens", "POST", Policy.SELF, at("/account/tokens"),
        {"name": "laptop", "may": "read", "end": "never"}),
    AccessCase("token_revoke", "POST", Policy.ALICES, at("/account/tokens/{token}/revoke")),
    AccessCase("exchange", "GET", Policy.SELF, at("/account/preferences")),
    AccessCase("exchange", "POST", Policy.SELF, at("/account/preferences"), {"content": "version = 1"}),
    AccessCase("exchange_export", "GET", Policy.SELF, at("/account/preferences/export")),
    # The API
    AccessCase("api", "GET", Policy.PUBLIC, at("/api/v1/")),
    AccessCase("api_document", "GET", Policy.PUBLIC, at("/api/v1/openapi.json")),
    AccessCase("api_me", "GET", Policy.API_READ, at("/api/v1/me")),
    AccessCase("api_me", "PATCH", Policy.API_WRITE, at("/api/v1/me"), body={"time_zone": "Europe/Prague"}),
    AccessCase("api_contexts", "GET", Policy.API_READ, at("/api/v1/contexts")),
    AccessCase("api_context", "GET", Policy.API_READ, at("/api/v1/contexts/email")),
    AccessCase(
        "api_context", "PATCH", Policy.API_WRITE, at("/api/v1/contexts/email"), body={"enabled": False}),
    AccessCase("api_addresses", "GET", Policy.API_READ, at("/api/v1/contexts/email/addresses")),
    AccessCase("api_addresses", "POST", Policy.API_WRITE, at("/api/v1/contexts/email/addresses"),
        body={"address": "new@example.org"}),
    AccessCase("api_address", "GET", Policy.API_READ_ALICES, at("/api/v1/addresses/{address}")),
    AccessCase("api_address", "DELETE", Policy.API_WRITE_ALICES, at("/api/v1/addresses/{address}")),
    AccessCase("api_address_confirmation", "POST", Policy.API_WRITE_ALICES,
        at("/api/v1/addresses/{address}/confirmation")),
    AccessCase("api_address_confirmation", "PUT", Policy.API_WRITE_ALICES,
        at("/api/v1/addresses/{address}/confirmation"), body={"code": "ABCD-EFGH"}),
    AccessCase("api_address_test", "POST", Policy.API_WRITE_ALICES, at("/api/v1/addresses/{address}/test")),
    AccessCase("api_filters", "GET", Policy.API_READ, at("/api/v1/contexts/email/filters")),
    AccessCase("api_filters", "POST", Policy.API_WRITE, at("/api/v1/contexts/email/filters"),
        body={"name": "New", "expression": "koji_tag"}),
    AccessCase("api_filters", "DELETE", Policy.API_WRITE, at("/api/v1/contexts/email/filters")),
    AccessCase("api_filters_reset", "POST", Policy.API_WRITE, at("/api/v1/contexts/email/filters/reset")),
    AccessCase("api_filter", "GET", Policy.API_READ_ALICES, at("/api/v1/filters/{filter}")),
    AccessCase("api_filter", "PUT", Policy.API_WRITE_ALICES, at("/api/v1/filters/{filter}"),
        body={"name": "New", "expression": "koji_tag"}),
    AccessCase(
        "api_filter", "PATCH", Policy.API_WRITE_ALICES, at("/api/v1/filters/{filter}"), body={"name": "New"}),
    AccessCase("api_filter", "DELETE", Policy.API_WRITE_ALICES, at("/api/v1/filters/{filter}")),
    AccessCase("api_filter_move", "POST", Policy.API_WRITE_ALICES, at("/api/v1/filters/{filter}/move"),
        body={"position": 0}),
    AccessCase("api_filter_copy", "POST", Policy.API_WRITE_ALICES, at("/api/v1/filters/{filter}/copy"),
        body={"context": "email"}),
    AccessCase("api_undo", "POST", Policy.API_WRITE_ALICES, at("/api/v1/undo/{undo}")),
    AccessCase("api_watches", "GET", Policy.API_READ, at("/api/v1/contexts/email/watches")),
    AccessCase("api_watch", "GET", Policy.API_READ_ALICES, at("/api/v1/contexts/email/watches/package/moss")),
    AccessCase("api_watch", "PUT", Policy.API_WRITE, at("/api/v1/contexts/email/watches/package/rpms/moss"),
        body={"level": "failures"}),
    AccessCase(
        "api_watch", "DELETE", Policy.API_WRITE, at("/api/v1/contexts/email/watches/package/rpms/moss")),
    AccessCase("api_groups", "GET", Policy.API_READ, at("/api/v1/groups")),
    AccessCase("api_group", "GET", Policy.API_READ_ALICES, at("/api/v1/groups/infra")),
    AccessCase("api_group_opt_out", "PUT", Policy.API_WRITE_ALICES, at("/api/v1/groups/infra/opt-out")),
    AccessCase("api_group_opt_out", "DELETE", Policy.API_WRITE_ALICES, at("/api/v1/groups/infra/opt-out")),
    AccessCase("api_group_filters", "GET", Policy.API_READ_ALICES, at("/api/v1/groups/infra/filters")),
    AccessCase("api_group_filters", "POST", Policy.API_WRITE_ALICES, at("/api/v1/groups/infra/filters"),
        body={"name": "New", "expression": "koji_tag"}),
    AccessCase(
        "api_group_filter", "GET", Policy.API_READ_ALICES, at("/api/v1/groups/infra/filters/{group_filter}")),
    AccessCase(
        "api_group_filter", "PUT", Policy.API_WRITE_ALICES, at("/api/v1/groups/infra/filters/{group_filter}"),
        body={"name": "New", "expression": "koji_tag"}),
    AccessCase("api_group_filter", "PATCH", Policy.API_WRITE_ALICES,
        at("/api/v1/groups/infra/filters/{group_filter}"), body={"enabled": False}),
    AccessCase("api_group_filter", "DELETE", Policy.API_WRITE_ALICES,
        at("/api/v1/groups/infra/filters/{group_filter}")),
    AccessCase("api_group_filter_move", "POST", Policy.API_WRITE_ALICES,
        at("/api/v1/groups/infra/filters/{group_filter}/move"), body={"position": 0}),
    AccessCase(
        "api_group_undo", "POST", Policy.API_WRITE_ALICES, at("/api/v1/groups/infra/undo/{group_undo}")),
    AccessCase("api_shares", "GET", Policy.API_READ, at("/api/v1/shares")),
    AccessCase("api_shares", "POST", Policy.API_WRITE, at("/api/v1/shares"), body={"filter_ids": [1]}),
    AccessCase("api_share", "GET", Policy.API_READ, at("/api/v1/shares/{shared}")),
    AccessCase("api_share", "DELETE", Policy.API_WRITE_ALICES, at("/api/v1/shares/{shared}")),
    AccessCase("api_share_copy", "POST", Policy.API_WRITE, at("/api/v1/shares/{shared}/copy"),
        body={"context": "email"}),
    AccessCase("api_rules", "GET", Policy.API_READ, at("/api/v1/rules")),
    AccessCase("api_rule", "GET", Policy.API_READ, at("/api/v1/rules/koji_tag")),
    AccessCase(
        "api_preview", "POST", Policy.API_READ, at("/api/v1/preview"), body={"expression": "koji_tag"}),
    AccessCase("api_lint", "POST", Policy.API_READ, at("/api/v1/lint"), body={"expression": "koji_tag"}),
    AccessCase("api_inbox", "GET", Policy.API_READ, at("/api/v1/inbox")),
    AccessCase("api_entry", "GET", Policy.API_READ_ALICES, at("/api/v1/inbox/{notification}")),
    AccessCase("api_inbox_read", "POST", Policy.API_WRITE, at("/api/v1/inbox/read"), body={"up_to": 1}),
    AccessCase("api_inbox_triage", "POST", Policy.API_WRITE, at("/api/v1/inbox/triage"),
        body={"action": "done", "up_to": 1}),
    AccessCase("api_inbox_undo", "POST", Policy.API_WRITE_ALICES, at("/api/v1/inbox/undo/{inbox_undo}")),
    AccessCase("api_mutes", "GET", Policy.API_READ, at("/api/v1/mutes")),
    AccessCase("api_mutes", "POST", Policy.API_WRITE, at("/api/v1/mutes"),
        body={"kind": "package", "value": "moss"}),
    AccessCase("api_mute", "DELETE", Policy.API_WRITE_ALICES, at("/api/v1/mutes/{mute}")),
    AccessCase("api_message", "GET", Policy.API_READ, at("/api/v1/messages/{msg_id}")),
    AccessCase("api_preferences", "GET", Policy.API_READ, at("/api/v1/preferences")),
    AccessCase("api_preferences", "PUT", Policy.API_WRITE, at("/api/v1/preferences"), body={"version": 1}),
    AccessCase("events", "POST", Policy.API_PUBLISH, at("/events"), body={"plant": "moss"}, headers={
        "ce-specversion": "1.0", "ce-id": "1", "ce-source": "garden", "ce-type": "garden.plant.watered"}),
)
