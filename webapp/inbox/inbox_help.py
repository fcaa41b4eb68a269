"""Help of the inbox: the search's operators, and the keyboard shortcuts."""

from __future__ import annotations

from typing import Final

from fmn.translations import mark

#: Examples of operators, with what else they take.
OPERATORS: Final = (
    ("is:unread", mark("Also read, open, done, snoozed or any")),
    ("severity:error", mark("Also warning, info or debug")),
    ("app:koji", mark("An application, by its name")),
    ("package:moss", mark("A package, with or without its namespace")),
    ("from:mary", mark("Who did it; “me” is you")),
    ("person:mary", mark("Who has to do with it")),
    ("group:kde-sig", mark("A group that it concerns")),
    ("channel:email", mark("A channel")),
    ('filter:"My packages"', mark("The filter that matched")),
    ("status:failed", mark("Also sent, pending or not-sent")),
    ("after:2026-11-01", mark("From this day on; also today or yesterday")),
    ("before:2026-11-01", mark("Earlier than this day")),
    ('"in the oven"', mark("Words that follow each other")),
    ("-app:koji", mark("A minus sign excludes")),
)
KEYS: Final = (
    ("j", mark("Next notification")),
    ("k", mark("Previous notification")),
    ("o", mark("Open")),
    ("e", mark("Done")),
    ("s", mark("Snooze")),
    ("m", mark("Mute")),
    ("u", mark("Mark as read or unread")),
    ("x", mark("Select")),
    ("z", mark("Undo")),
    ("/", mark("Search")),
    (mark("Ctrl K"), mark("Commands")),
    ("?", mark("This help")),
)
