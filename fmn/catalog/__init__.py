"""Event catalogue: an entry per event type, the source of rules, texts, facts and examples."""

from fmn.catalog.current import catalog
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
from fmn.catalog.message_reader import AccountLookup, JsonNode, MessageReader, no_accounts
from fmn.catalog.registry import Catalog

__all__ = [
    "AccountLookup",
    "Application",
    "ApplicationRule",
    "Argument",
    "Catalog",
    "Description",
    "EventType",
    "Facts",
    "JsonNode",
    "Message",
    "MessageReader",
    "Outcome",
    "Package",
    "Severity",
    "catalog",
    "no_accounts",
]
