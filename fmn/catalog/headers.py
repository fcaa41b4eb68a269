"""Facts in the headers of a message of fedora-messaging, beside its body: people, groups, packages, severity.

Publishers' classes write them, a header for each name: ``fedora_messaging_user_mary: true``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fmn.catalog.events import Package, Severity

PREFIX: Final = "fedora_messaging_"
USER: Final = f"{PREFIX}user_"
GROUP: Final = f"{PREFIX}group_"
SEVERITY: Final = f"{PREFIX}severity"

#: Namespaces of packages, named as at dist-git, by headers.
NAMESPACES: Final = {
    f"{PREFIX}rpm_": "rpms", f"{PREFIX}container_": "container", f"{PREFIX}module_": "modules",
    f"{PREFIX}flatpak_": "flatpaks",
}

#: What publishers' languages write who know no name.
NOBODY: Final = frozenset({"", "None", "null", "undefined"})

#: The library's numbers, which are those of Python's logging.
SEVERITIES: Final = {10: Severity.DEBUG, 20: Severity.INFO, 30: Severity.WARNING, 40: Severity.ERROR}

Headers = Mapping[str, Any]


def users_in(headers: Headers) -> Iterator[str]:
    """The accounts that a message concerns."""
    return _names(headers, USER)


def groups_in(headers: Headers) -> Iterator[str]:
    """The groups of accounts that a message concerns."""
    return _names(headers, GROUP)


def packages_in(headers: Headers) -> Iterator[Package]:
    """The packages that a message concerns."""
    return (Package(namespace, name) for prefix, namespace in NAMESPACES.items()
            for name in _names(headers, prefix))


def severity_in(headers: Headers) -> Severity | None:
    """The message's severity; ``None`` if it isn't said."""
    number = headers.get(SEVERITY)
    return SEVERITIES.get(number) if isinstance(number, int) else None


def _names(headers: Headers, prefix: str) -> Iterator[str]:
    for header, value in headers.items():
        name = header.removeprefix(prefix)
        # No name of an account, a group or a package has a space or a control character in it.
        if value is True and name != header and name not in NOBODY and name.isprintable() and " " not in name:
            yield name
