"""Routes of the web app. Mails link to some of them, see :mod:`fmn.delivery.signed_links`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from pyramid.config import Configurator

#: Seconds that browsers may keep the style sheet without asking again.
STATIC_SECONDS: Final = 3600

#: What anybody may see, some of it with a token in the address that lets them.
PUBLIC: Final[Mapping[str, str]] = {
    "home": "/",
    "help": "/help",
    "catalogue": "/catalogue",
    "catalogue_application": "/catalogue/{category}",
    "why": "/why/{token}",
    "unsubscribe": "/unsubscribe/{token}",
    "confirm": "/confirm/{token}",
    "go": "/go/{token}",
    "feed": "/feed/{token}",
    "sign_in": "/sign-in",
    "sign_in_begin": "/sign-in/begin",
    "sign_in_callback": "/sign-in/callback",
    "sign_out": "/sign-out",
    "healthz": "/healthz",
    "livez": "/livez",
    "readyz": "/readyz",
    "security_txt": "/.well-known/security.txt",
    "service_worker": "/service-worker.js",
    "manifest": "/manifest.webmanifest",
    "hook": "/hooks/{name}",
}

#: What people see and change of their own.
OWN: Final[Mapping[str, str]] = {
    "welcome": "/welcome",
    "watch": "/watch",
    "package": "/packages/{name:.+}",
    "person": "/people/{name}",
    "group": "/groups/{name}",
    "application": "/applications/{name}",
    "share": "/preferences/{context}/share",
    "share_stop": "/shared-links/{shared_id}/stop",
    "shared": "/shared/{token}",
    "account": "/account",
    "account_time_zone": "/account/time-zone",
    "pause": "/account/pause",
    "resume": "/account/resume",
    "account_language": "/account/language",
    "account_sessions": "/account/sessions",
    "account_session": "/account/sessions/{session_id}/end",
    "account_feed": "/account/feed",
    "account_export": "/account/export",
    "account_delete": "/account/delete",
    "tokens": "/account/tokens",
    "token_revoke": "/account/tokens/{token_id}/revoke",
    "exchange": "/account/preferences",
    "exchange_export": "/account/preferences/export",
    "mutes": "/mutes",
    "mute_lift": "/mutes/{mute_id}/lift",
    "why_mute": "/why/{token}/mute",
    "inbox": "/inbox",
    "inbox_live": "/inbox/live",
    "inbox_completions": "/inbox/completions",
    "inbox_triage": "/inbox/triage",
    "inbox_snooze": "/inbox/snooze/{notification_id}",
    "inbox_undo": "/inbox/undo/{undo_id}",
    "inbox_searches": "/inbox/searches",
    "inbox_search": "/inbox/searches/{search_id}/delete",
    "why_not": "/why-not",
    "commands": "/commands",
    "preference": "/preferences/{context}",
    "preference_switch": "/preferences/{context}/switch",
    "preference_frequency": "/preferences/{context}/frequency",
    "preference_quiet": "/preferences/{context}/quiet",
    "preference_presentation": "/preferences/{context}/presentation",
    "addresses": "/preferences/{context}/addresses",
    "address": "/addresses/{address_id}/{action}",
    "web_push_renewal": "/web-push/renewal",
    "services": "/services",
    "service": "/services/{service}",
    "filters": "/preferences/{context}/filters",
    "filter_new": "/preferences/{context}/filters/new",
    "filter": "/filters/{filter_id}",
    "filter_action": "/filters/{filter_id}/{action}",
    "undo": "/undo/{undo_id}",
    "groups": "/groups",
    "group_filters": "/groups/{group}/filters",
    "group_choice": "/groups/{group}/{choice:opt-out|opt-in}",
    "group_editors": "/groups/{group}/editors",
    "group_filter_new": "/groups/{group}/filters/new",
    "group_filter": "/groups/{group}/filters/{filter_id}",
    "group_filter_action": "/groups/{group}/filters/{filter_id}/{action}",
    "group_undo": "/groups/{group}/undo/{undo_id}",
    "preview": "/preview",
    "completions": "/completions/{what}",
}

#: What administrators see and do.
ADMINISTRATION: Final[Mapping[str, str]] = {
    "admin": "/admin",
    "admin_people": "/admin/people",
    "admin_person": "/admin/people/{nick}",
    "admin_filter_stop": "/admin/filters/{filter_id}/stop",
    "admin_deliveries": "/admin/deliveries",
    "admin_trace": "/admin/trace",
    "admin_topics": "/admin/topics",
    "admin_unreadable": "/admin/unreadable",
    "admin_hooks": "/admin/webhooks",
    "admin_hook": "/admin/webhooks/{name}",
    "admin_hook_action": "/admin/webhooks/{name}/{action}",
    "admin_audit": "/admin/audit",
}

#: What programs see and change for those whose tokens they have. See :mod:`webapp.api`.
API: Final[Mapping[str, str]] = {
    "api": "/api/v1/",
    "api_document": "/api/v1/openapi.json",
    "api_me": "/api/v1/me",
    "api_contexts": "/api/v1/contexts",
    "api_context": "/api/v1/contexts/{context}",
    "api_addresses": "/api/v1/contexts/{context}/addresses",
    "api_address": "/api/v1/addresses/{address_id}",
    "api_address_confirmation": "/api/v1/addresses/{address_id}/confirmation",
    "api_address_test": "/api/v1/addresses/{address_id}/test",
    "api_filters": "/api/v1/contexts/{context}/filters",
    "api_filters_reset": "/api/v1/contexts/{context}/filters/reset",
    "api_filter": "/api/v1/filters/{filter_id}",
    "api_filter_move": "/api/v1/filters/{filter_id}/move",
    "api_filter_copy": "/api/v1/filters/{filter_id}/copy",
    "api_undo": "/api/v1/undo/{undo_id}",
    "api_watches": "/api/v1/contexts/{context}/watches",
    "api_watch": "/api/v1/contexts/{context}/watches/{kind}/{name:.+}",
    "api_groups": "/api/v1/groups",
    "api_group": "/api/v1/groups/{group}",
    "api_group_opt_out": "/api/v1/groups/{group}/opt-out",
    "api_group_filters": "/api/v1/groups/{group}/filters",
    "api_group_filter": "/api/v1/groups/{group}/filters/{filter_id}",
    "api_group_filter_move": "/api/v1/groups/{group}/filters/{filter_id}/move",
    "api_group_undo": "/api/v1/groups/{group}/undo/{undo_id}",
    "api_shares": "/api/v1/shares",
    "api_share": "/api/v1/shares/{token}",
    "api_share_copy": "/api/v1/shares/{token}/copy",
    "api_rules": "/api/v1/rules",
    "api_rule": "/api/v1/rules/{rule}",
    "api_preview": "/api/v1/preview",
    "api_lint": "/api/v1/lint",
    "api_inbox": "/api/v1/inbox",
    "api_inbox_read": "/api/v1/inbox/read",
    "api_inbox_triage": "/api/v1/inbox/triage",
    "api_inbox_undo": "/api/v1/inbox/undo/{undo_id}",
    "api_entry": "/api/v1/inbox/{notification_id}",
    "api_mutes": "/api/v1/mutes",
    "api_mute": "/api/v1/mutes/{mute_id}",
    "api_message": "/api/v1/messages/{msg_id}",
    "api_preferences": "/api/v1/preferences",
    "events": "/events",
}


#: Paths of requests whose bodies nothing but their view may read: the route ``hook``.
FOREIGN_BODY: Final = re.compile("/hooks/[^/]+")


def includeme(config: Configurator) -> None:
    """Add the routes."""
    config.add_static_view("static", "webapp:static", cache_max_age=STATIC_SECONDS)
    for routes in (PUBLIC, OWN, ADMINISTRATION, API):
        for name, pattern in routes.items():
            config.add_route(name, pattern)
