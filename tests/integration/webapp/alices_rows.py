"""What Alice has that is nobody else's, and how addresses of the web app call it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fmn.filters.expressions import Rule
from fmn.filters.group_filters import group_preference
from fmn.filters.models import GroupEditor, Mute, MuteKind, SharedFilters, Undo
from fmn.ledger.models import InboxUndo, Notification, SavedSearch, StoredMessage
from fmn.people.api_tokens import create_token
from fmn.people.browser_sessions import SignInMethod
from fmn.people.models import BrowserSession, Confirmation, DetailValue, Preference
from fmn.sources.webhooks.models import Hook
from fmn.wiring import Services
from tests.factories.groups import give_group
from tests.factories.messages import NOON
from tests.integration.webapp.world import World, path
from webapp.identity import Permission

#: In what is Alice's alone, and in nothing that somebody else gets to see.
SECRET: Final = "known-to-alice-alone"
#: In what only whoever has a link's token gets to see.
FILTER_NAME: Final = f"Filter {SECRET}"


@dataclass(frozen=True)
class Own:
    """Alice's things by the names that paths in the table have for them."""

    ids: Mapping[str, object]

    @classmethod
    def of(cls, services: Services) -> Own:
        """Alice with one of everything."""
        world = World.of(services, Rule.of("package_filter", {"package": "moss"}), FILTER_NAME)
        message = world.receive_comment()
        notification = world.notification(message)
        group_filter, = give_group(services.database, "infra", Tags=Rule("koji_tag"))
        with services.database.transaction() as session:
            preference = session.get_one(Preference, world.preference_id)
            msg_id = session.get_one(StoredMessage, message).msg_id
            address = DetailValue(preference_id=preference.id, value=f"{SECRET}@example.org")
            mute = Mute(user_id=preference.user_id, kind=MuteKind.PACKAGE, value=SECRET)
            undo = Undo(preference_id=preference.id, filters={"removed": [], "added": []})
            inbox_undo = InboxUndo(user_id=preference.user_id, change={"kind": "done", "notifications": []})
            search = SavedSearch(user_id=preference.user_id, name=SECRET, query="moss")
            of_group = group_preference(session, "infra")
            assert of_group is not None
            group_undo = Undo(preference_id=of_group.id, filters={"removed": [], "added": []})
            session.add_all((address, mute, undo, inbox_undo, search, group_undo, GroupEditor(
                group_name="infra", user_id=preference.user_id)))
            session.flush()
            confirmation = Confirmation(
                user_id=preference.user_id, detail_value_id=address.id, context="email", value=address.value,
                expires_at=NOON.replace(year=2100))
            session.add(confirmation)
            signed_in = BrowserSession(
                user_id=preference.user_id, digest=SECRET, created_at=NOON, last_seen_at=NOON,
                ends_at=NOON.replace(year=2100), browser="Firefox on Linux", how=SignInMethod.TRIAL)
            session.add(signed_in)
            session.add(Hook(
                name="moss", forge="github", topic_prefix="org.example.prod", created_by="root",
                created_at=NOON))
            shared = SharedFilters(
                user_id=preference.user_id, digest=SECRET, created_at=NOON,
                filters=[{"name": "Moss", "expression": {"rule": "git_receive"}}])
            session.add(shared)
            token, _ = create_token(session, preference.user_id, SECRET, [Permission.READ], None)
            session.flush()
            named = session.get_one(Notification, notification).public_id
            return cls({
                "preference": preference.id, "filter": world.filter_id, "address": address.id,
                "group_filter": group_filter, "group_undo": group_undo.id,
                "mute": mute.id, "undo": undo.id, "inbox_undo": inbox_undo.id, "search": search.id,
                "confirmation": confirmation.id, "token": token.id,
                "session": signed_in.id, "hook": "moss",
                "shared": path(services.links.shared(shared.public_id)).rpartition("/")[2],
                "confirm": path(services.links.confirm(confirmation.public_id)).rpartition("/")[2],
                "user": preference.user_id, "notification": notification, "msg_id": msg_id,
                "why": path(services.links.why(named)).rpartition("/")[2],
                "feed": path(services.links.feed(preference.user.public_id, 0)).rpartition("/")[2],
                "go": path(services.links.go(named)).rpartition("/")[2],
                "unsubscribe": path(services.links.unsubscribe(preference.public_id, None))
                .rpartition("/")[2],
            })
