"""Who may do what: a row for every address and method of the web app.

``test_who_may_what.py`` tries each row as everybody, and fails for a view that has none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum

from tests.integration.webapp.alices_rows import Own


class Who(StrEnum):
    """Who tries: browsers of people, and programs with tokens of one scope each, or of both."""

    NOBODY = "nobody"
    ALICE = "alice"
    MALLORY = "mallory"
    ROOT = "root"
    ALICE_READS = "alice's program that may read"
    ALICE_WRITES = "alice's program that may write"
    MALLORY_BOTH = "mallory's program that may both"


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
    #: The administrators'.
    ADMINISTRATORS = "administrators"
    #: Programs': each sees and changes its owner's, within its scope.
    API_READ = "api read"
    API_WRITE = "api write"
    #: The same, of a thing of Alice's.
    API_READ_ALICES = "api read alices"
    API_WRITE_ALICES = "api write alices"


_PROGRAMS = (Who.ALICE_READS, Who.ALICE_WRITES, Who.MALLORY_BOTH)


def outcome(policy: Policy, who: Who, method: str) -> Outcome:
    """What comes of it when somebody tries something of this policy."""
    if policy is Policy.PUBLIC:
        return Outcome.LET_IN
    if policy in (Policy.SELF, Policy.ALICES, Policy.ADMINISTRATORS):
        return _of_page(policy, who, method)
    scope = Who.ALICE_READS if policy in (Policy.API_READ, Policy.API_READ_ALICES) else Who.ALICE_WRITES
    if who is Who.MALLORY_BOTH:
        return Outcome.LET_IN if policy in (Policy.API_READ, Policy.API_WRITE) else Outcome.NOT_THERE
    return Outcome.LET_IN if who is scope else Outcome.REFUSED


def _of_page(policy: Policy, who: Who, method: str) -> Outcome:
    if who is Who.NOBODY:
        return Outcome.SIGN_IN if method == "GET" else Outcome.REFUSED
    if who in _PROGRAMS:
        return Outcome.REFUSED
    if policy is Policy.ADMINISTRATORS:
        return Outcome.LET_IN if who is Who.ROOT else Outcome.REFUSED
    if policy is Policy.ALICES:
        return Outcome.LET_IN if who is Who.ALICE else Outcome.NOT_THERE
    return Outcome.LET_IN


@dataclass(frozen=True)
class Row:
    """A route and a method, whose it is, where it is in Alice's world, and what is sent."""

    route: str
    method: str
    policy: Policy
    path: Callable[[Own], str]
    form: Mapping[str, str] = field(default_factory=dict)
    #: What a program sends.
    body: Mapping[str, object] = field(default_factory=dict)


def at(path: str) -> Callable[[Own], str]:
    """A path in which ``{filter}``, ``{address}`` and so on stand for what Alice has."""
    return lambda own: path.format_map(own.ids)


ROWS = (
    # What anybody may see
    Row("home", "GET", Policy.PUBLIC, at("/")),
    Row("help", "GET", Policy.PUBLIC, at("/help")),
    Row("catalogue", "GET", Policy.PUBLIC, at("/catalogue")),
    Row("catalogue_application", "GET", Policy.PUBLIC, at("/catalogue/bodhi")),
    Row("sign_in", "GET", Policy.PUBLIC, at("/sign-in")),
    Row("sign_in", "POST", Policy.PUBLIC, at("/sign-in"), {"nick": "somebody"}),
    Row("why", "GET", Policy.PUBLIC, at("/why/{why}")),
    Row("unsubscribe", "GET", Policy.PUBLIC, at("/unsubscribe/{unsubscribe}")),
    Row("unsubscribe", "POST", Policy.PUBLIC, at("/unsubscribe/{unsubscribe}"), {"action": "stop"}),
    Row("go", "GET", Policy.PUBLIC, at("/go/{go}")),
    Row("healthz", "GET", Policy.PUBLIC, at("/healthz")),
    Row("livez", "GET", Policy.PUBLIC, at("/livez")),
    Row("readyz", "GET", Policy.PUBLIC, at("/readyz")),
    Row("security_txt", "GET", Policy.PUBLIC, at("/.well-known/security.txt")),
    # Being signed in
    Row("sign_in_begin", "GET", Policy.PUBLIC, at("/sign-in/begin")),
    Row("sign_in_callback", "GET", Policy.PUBLIC, at("/sign-in/callback")),
    Row("sign_out", "GET", Policy.PUBLIC, at("/sign-out")),
    Row("sign_out", "POST", Policy.PUBLIC, at("/sign-out")),
    # The first visit
    Row("welcome", "GET", Policy.SELF, at("/welcome")),
    Row("welcome", "POST", Policy.SELF, at("/welcome"),
        {"presets": "name", "address-email": "me@example.org"}),
    # A context
    Row("preference", "GET", Policy.SELF, at("/preferences/email")),
    Row("preference_switch", "POST", Policy.SELF, at("/preferences/email/switch"), {"on": "false"}),
    Row("preference_frequency", "POST", Policy.SELF, at("/preferences/email/frequency"),
        {"way": "digest", "digest_count": "5", "version": "0"}),
    Row("preference_quiet", "POST", Policy.SELF, at("/preferences/email/quiet"), {"version": "0"}),
    Row("preference_presentation", "POST", Policy.SELF, at("/preferences/email/presentation"),
        {"version": "0"}),
    Row("addresses", "POST", Policy.SELF, at("/preferences/email/addresses"), {"address": "new@example.org"}),
    Row("address", "POST", Policy.ALICES, at("/addresses/{address}/resend")),
    Row("address", "POST", Policy.ALICES, at("/addresses/{address}/code"), {"code": "ABCD-EFGH"}),
    Row("confirm", "GET", Policy.PUBLIC, at("/confirm/{confirm}")),
    Row("confirm", "POST", Policy.PUBLIC, at("/confirm/{confirm}"), {"action": "confirm"}),
    # The list of filters
    Row("filters", "GET", Policy.SELF, at("/preferences/email/filters")),
    Row("filters", "POST", Policy.SELF, at("/preferences/email/filters"), {"action": "delete"}),
    Row("filter_action", "POST", Policy.ALICES, at("/filters/{filter}/switch"), {"on": "false"}),
    Row("filter_action", "POST", Policy.ALICES, at("/filters/{filter}/delete")),
    Row("undo", "POST", Policy.ALICES, at("/undo/{undo}")),
    # The filter editor
    Row("filter_new", "GET", Policy.SELF, at("/preferences/email/filters/new")),
    Row("filter_new", "POST", Policy.SELF, at("/preferences/email/filters/new"),
        {"do": "save", "shape": "rows", "rule-0": "koji_tag"}),
    Row("filter", "GET", Policy.ALICES, at("/filters/{filter}")),
    Row("filter", "POST", Policy.ALICES, at("/filters/{filter}"),
        {"do": "save", "context": "email", "shape": "rows", "rule-0": "koji_tag"}),
    Row("preview", "POST", Policy.SELF, at("/preview"),
        {"context": "email", "shape": "rows", "rule-0": "koji_tag"}),
    Row("completions", "GET", Policy.SELF, at("/completions/users?q=a")),
    # The inbox, its feed, and what is muted
    Row("inbox", "GET", Policy.SELF, at("/inbox")),
    Row("inbox_live", "GET", Policy.SELF, at("/inbox/live?since=0")),
    Row("inbox_read", "POST", Policy.SELF, at("/inbox/read"), {"newest": "1"}),
    Row("feed", "GET", Policy.PUBLIC, at("/feed/{feed}")),
    Row("mutes", "GET", Policy.SELF, at("/mutes")),
    Row("mute_lift", "POST", Policy.ALICES, at("/mutes/{mute}/lift")),
    Row("why_mute", "POST", Policy.ALICES, at("/why/{why}/mute"),
        {"kind": "package", "value": "rpms/moss", "span": "week"}),
    # One's account
    Row("account", "GET", Policy.SELF, at("/account")),
    Row("account_time_zone", "POST", Policy.SELF, at("/account/time-zone"), {"time_zone": "Asia/Tokyo"}),
    Row("account_sessions", "POST", Policy.SELF, at("/account/sessions")),
    Row("account_session", "POST", Policy.ALICES, at("/account/sessions/{session}/end")),
    Row("account_feed", "POST", Policy.SELF, at("/account/feed")),
    Row("account_export", "GET", Policy.SELF, at("/account/export")),
    Row("account_delete", "GET", Policy.SELF, at("/account/delete")),
    Row("account_delete", "POST", Policy.SELF, at("/account/delete"), {"nick": "somebody"}),
    # Administration
    Row("admin", "GET", Policy.ADMINISTRATORS, at("/admin")),
    Row("admin_people", "GET", Policy.ADMINISTRATORS, at("/admin/people")),
    Row("admin_person", "GET", Policy.ADMINISTRATORS, at("/admin/people/alice")),
    Row("admin_filter_stop", "POST", Policy.ADMINISTRATORS, at("/admin/filters/{filter}/stop"),
        {"note": "Too much."}),
    Row("admin_deliveries", "GET", Policy.ADMINISTRATORS, at("/admin/deliveries")),
    Row("admin_deliveries", "POST", Policy.ADMINISTRATORS, at("/admin/deliveries"),
        {"context": "email", "reason": "any", "action": "retry"}),
    Row("admin_topics", "GET", Policy.ADMINISTRATORS, at("/admin/topics")),
    Row("admin_audit", "GET", Policy.ADMINISTRATORS, at("/admin/audit")),
    # Files and tokens
    Row("tokens", "GET", Policy.SELF, at("/account/tokens")),
    Row("tokens", "POST", Policy.SELF, at("/account/tokens"),
        {"name": "laptop", "may": "read", "end": "never"}),
    Row("token_revoke", "POST", Policy.ALICES, at("/account/tokens/{token}/revoke")),
    Row("exchange", "GET", Policy.SELF, at("/account/preferences")),
    Row("exchange", "POST", Policy.SELF, at("/account/preferences"), {"content": "version = 1"}),
    Row("exchange_export", "GET", Policy.SELF, at("/account/preferences/export")),
    # The API
    Row("api", "GET", Policy.PUBLIC, at("/api/v1/")),
    Row("api_document", "GET", Policy.PUBLIC, at("/api/v1/openapi.json")),
    Row("api_me", "GET", Policy.API_READ, at("/api/v1/me")),
    Row("api_me", "PATCH", Policy.API_WRITE, at("/api/v1/me"), body={"time_zone": "Europe/Prague"}),
    Row("api_contexts", "GET", Policy.API_READ, at("/api/v1/contexts")),
    Row("api_context", "GET", Policy.API_READ, at("/api/v1/contexts/email")),
    Row("api_context", "PATCH", Policy.API_WRITE, at("/api/v1/contexts/email"), body={"enabled": False}),
    Row("api_addresses", "GET", Policy.API_READ, at("/api/v1/contexts/email/addresses")),
    Row("api_addresses", "POST", Policy.API_WRITE, at("/api/v1/contexts/email/addresses"),
        body={"address": "new@example.org"}),
    Row("api_address", "GET", Policy.API_READ_ALICES, at("/api/v1/addresses/{address}")),
    Row("api_address", "DELETE", Policy.API_WRITE_ALICES, at("/api/v1/addresses/{address}")),
    Row("api_address_confirmation", "POST", Policy.API_WRITE_ALICES,
        at("/api/v1/addresses/{address}/confirmation")),
    Row("api_address_confirmation", "PUT", Policy.API_WRITE_ALICES,
        at("/api/v1/addresses/{address}/confirmation"), body={"code": "ABCD-EFGH"}),
    Row("api_address_test", "POST", Policy.API_WRITE_ALICES, at("/api/v1/addresses/{address}/test")),
    Row("api_filters", "GET", Policy.API_READ, at("/api/v1/contexts/email/filters")),
    Row("api_filters", "POST", Policy.API_WRITE, at("/api/v1/contexts/email/filters"),
        body={"name": "New", "expression": "koji_tag"}),
    Row("api_filters", "DELETE", Policy.API_WRITE, at("/api/v1/contexts/email/filters")),
    Row("api_filters_reset", "POST", Policy.API_WRITE, at("/api/v1/contexts/email/filters/reset")),
    Row("api_filter", "GET", Policy.API_READ_ALICES, at("/api/v1/filters/{filter}")),
    Row("api_filter", "PUT", Policy.API_WRITE_ALICES, at("/api/v1/filters/{filter}"),
        body={"name": "New", "expression": "koji_tag"}),
    Row("api_filter", "PATCH", Policy.API_WRITE_ALICES, at("/api/v1/filters/{filter}"), body={"name": "New"}),
    Row("api_filter", "DELETE", Policy.API_WRITE_ALICES, at("/api/v1/filters/{filter}")),
    Row("api_filter_move", "POST", Policy.API_WRITE_ALICES, at("/api/v1/filters/{filter}/move"),
        body={"position": 0}),
    Row("api_filter_copy", "POST", Policy.API_WRITE_ALICES, at("/api/v1/filters/{filter}/copy"),
        body={"context": "email"}),
    Row("api_undo", "POST", Policy.API_WRITE_ALICES, at("/api/v1/undo/{undo}")),
    Row("api_rules", "GET", Policy.API_READ, at("/api/v1/rules")),
    Row("api_rule", "GET", Policy.API_READ, at("/api/v1/rules/koji_tag")),
    Row("api_preview", "POST", Policy.API_READ, at("/api/v1/preview"), body={"expression": "koji_tag"}),
    Row("api_lint", "POST", Policy.API_READ, at("/api/v1/lint"), body={"expression": "koji_tag"}),
    Row("api_inbox", "GET", Policy.API_READ, at("/api/v1/inbox")),
    Row("api_entry", "GET", Policy.API_READ_ALICES, at("/api/v1/inbox/{notification}")),
    Row("api_inbox_read", "POST", Policy.API_WRITE, at("/api/v1/inbox/read"), body={"up_to": 1}),
    Row("api_mutes", "GET", Policy.API_READ, at("/api/v1/mutes")),
    Row("api_mutes", "POST", Policy.API_WRITE, at("/api/v1/mutes"),
        body={"kind": "package", "value": "moss"}),
    Row("api_mute", "DELETE", Policy.API_WRITE_ALICES, at("/api/v1/mutes/{mute}")),
    Row("api_message", "GET", Policy.API_READ, at("/api/v1/messages/{msg_id}")),
    Row("api_preferences", "GET", Policy.API_READ, at("/api/v1/preferences")),
    Row("api_preferences", "PUT", Policy.API_WRITE, at("/api/v1/preferences"), body={"version": 1}),
)
