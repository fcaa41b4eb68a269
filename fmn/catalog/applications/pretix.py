"""Pretix, the ticket shop of conferences: people who come and go, and their orders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fmn.catalog.events import Application, EventType, Severity
from fmn.catalog.forges import done, payload, wrapped
from fmn.catalog.message_reader import MessageReader
from fmn.catalog.urls import page
from fmn.text import labelled

#: Made up for examples.
ALWAYS: dict[str, Any] = {
    "notification_id": 10514, "organizer": "community", "event": "flock-2026", "code": "YTSDG",
    "instance_url": "https://rsvp.example.org",
}

#: What happened to an order, where Pretix's word for it is no verb in the past.
ORDERS: Mapping[str, str] = {
    "contact": "changed", "changed": "changed", "refund": "refunded", "payment": "paid",
}


class Pretix(EventType):
    """Anything from Pretix."""

    threaded = False

    def agent(self, m: MessageReader) -> str | None:
        return m.text("agent") or None

    def link(self, m: MessageReader) -> str:
        sent = payload(m)
        shop = sent.text("instance_url").rstrip("/")
        return page(shop, sent.text("organizer"), sent.text("event")) if shop else ""

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        sent = payload(m)
        return {
            **super().template_values(m),
            "event": sent.text("event") or "an event",
            "order": sent.text("code") or "of some number",
        }

    def long(self, m: MessageReader) -> str:
        return labelled(Order=payload(m).text("code"))


class Checkin(Pretix):
    """Somebody entered or left an event."""

    topics = ("pretix.event.checkin",)
    title = "Check-in"
    summary_template = "{who} {did} {event}"
    group_summary_template = "{who:people} {did:alike} {event:events}"
    example = wrapped({
        **ALWAYS, "action": "pretix.event.checkin", "type": "entry", "checkin_list": 15,
        "attendee_name": "Mary Made-up", "orderposition_id": 905, "first_checkin": None})

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        return {
            **super().template_values(m), "did": "left" if payload(m).text("type") == "exit" else "entered",
        }


class CheckinReverted(Pretix):
    """A check-in was taken back."""

    topics = ("pretix.event.checkin.reverted",)
    title = "Check-in taken back"
    summary_template = "The check-in of {who} at {event} was taken back"
    group_summary_template = "Check-ins of {who:people} at {event:events} were taken back"
    example = wrapped({**ALWAYS, "action": "pretix.event.checkin.reverted", "type": "entry"})


class Order(Pretix):
    """Something happened to an order."""

    topics = ("pretix.event.order.**",)
    rule = "pretix_order"
    title = "Order"
    summary_template = "The order {order} for {event} was {did}"
    group_summary_template = "Orders for {event:events} were {did:alike}: {order:orders}"
    example = wrapped({**ALWAYS, "action": "pretix.event.order.placed"})
    example_topic = "pretix.event.order.placed"

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        word = m.topic_part(3)
        return {**super().template_values(m), "did": "paid" if word == "paid" else done(word, ORDERS)}


class Other(Pretix):
    """Something else happened, such as an event's shop opening."""

    topics = ("pretix.**",)
    rule = "pretix_other"
    title = "Something else"
    summary_template = "{who} caused {action} at {event}"
    group_summary_template = "{who:people} caused {action:events} at {event:events}"
    severity = Severity.DEBUG
    example = wrapped({**ALWAYS, "action": "pretix.event.live.activated"})
    example_topic = "pretix.event.live.activated"

    def template_values(self, m: MessageReader) -> Mapping[str, str]:
        action = " ".join(m.title.split(".")[1:]).replace("_", " ").strip()
        return {**super().template_values(m), "action": f'"{action}"' if action else "something"}


APPLICATION = Application(
    category="pretix",
    title="Pretix",
    help="The ticket shop of conferences: who comes and goes, and orders.",
    icon="https://apps.fedoraproject.org/img/icons/webhook-to-fedora-messaging.png",
    other=Pretix,
    events=(Checkin, CheckinReverted, Order, Other),
)
