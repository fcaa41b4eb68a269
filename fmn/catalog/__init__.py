"""What messages mean: one entry per event type, from which rules, texts, facts and samples come."""

from fmn.catalog.events import (
    Application,
    ApplicationRule,
    Argument,
    Description,
    EventType,
    Facts,
    Outcome,
    Package,
    Severity,
)
from fmn.catalog.message import Message
from fmn.catalog.message_reader import Accounts, Node, Reading, nobody
from fmn.catalog.registry import Catalog, catalog

__all__ = [
    "Accounts",
    "Application",
    "ApplicationRule",
    "Argument",
    "Catalog",
    "Description",
    "EventType",
    "Facts",
    "Message",
    "Node",
    "Outcome",
    "Package",
    "Reading",
    "Severity",
    "catalog",
    "nobody",
]
