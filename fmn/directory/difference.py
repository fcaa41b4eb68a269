"""Differences between directories: what a process needs that has one and wants the next.

A directory of a million people takes seconds to decode, and from one version to the next a few packages and
groups change. The maps that changed are copied with their changes, all others are shared.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from fmn.directory.codec import COMPRESSION_LEVEL, DirectoryDecodeError
from fmn.directory.snapshot import Directory, Ownership

Value = TypeVar("Value")

_NOBODY: Final[frozenset[str]] = frozenset()


def encode_difference(old: Directory, new: Directory) -> bytes:
    """Encode what makes the new directory of the old one."""
    difference = {
        "from": old.version, "version": new.version, "email_domain": new.email_domain,
        "committers": _ownership_changes(old.committers, new.committers),
        "watchers": _ownership_changes(old.watchers, new.watchers),
        "groups": _group_changes(old.groups, new.groups),
        "aliases": _changes(old.aliases, new.aliases),
        "addresses": _changes(old.addresses, new.addresses),
        "ircnicks": _changes(old.ircnicks, new.ircnicks),
    }
    return zlib.compress(json.dumps(difference, separators=(",", ":")).encode(), COMPRESSION_LEVEL)


def apply_difference(old: Directory, content: bytes) -> Directory:
    """The directory that :func:`encode_difference`'s bytes make of the old one.

    :raises DirectoryDecodeError: these are others, or for another directory
    """
    try:
        difference = json.loads(zlib.decompress(content))
        applied = _applied(old, difference) if difference["from"] == old.version else None
    except (zlib.error, ValueError, LookupError, TypeError, AttributeError) as error:
        raise DirectoryDecodeError(f"{type(error).__name__}: {error}") from error
    if applied is None:
        raise DirectoryDecodeError("the difference is from another directory")
    return applied


def _applied(old: Directory, difference: Mapping[str, Any]) -> Directory:
    members = difference["groups"]
    new = Directory(
        committers=_changed_ownership(old.committers, difference["committers"]),
        watchers=_changed_ownership(old.watchers, difference["watchers"]),
        groups=_changed(old.groups, {
            group: None if change is None else _changed_members(old.groups.get(group, _NOBODY), *change)
            for group, change in members.items()}),
        aliases=_changed(old.aliases, difference["aliases"]),
        addresses=_changed(old.addresses, difference["addresses"]),
        ircnicks=_changed(old.ircnicks, _tuples(difference["ircnicks"])),
        email_domain=difference["email_domain"],
        version=difference["version"],
    )
    new.take_groups_by_nick(old, members)
    return new


def _changes(old: Mapping[str, Value], new: Mapping[str, Value]) -> dict[str, Value | None]:
    """New values by key, ``None`` for keys that are gone."""
    gone: dict[str, Value | None] = dict.fromkeys(old.keys() - new.keys())
    return gone | {key: value for key, value in new.items() if key not in old or old[key] != value}


def _changed(old: Mapping[str, Value], changes: Mapping[str, Value | None]) -> Mapping[str, Value]:
    if not changes:
        return old
    changed = dict(old)
    for key, value in changes.items():
        if value is None:
            del changed[key]
        else:
            changed[key] = value
    return changed


def _ownership_changes(old: Ownership, new: Ownership) -> dict[str, Any]:
    """Changes by namespace, ``None`` for namespaces that are gone."""
    return dict.fromkeys(old.keys() - new.keys()) | {
        namespace: changes for namespace, packages in new.items()
        if (changes := _changes(old.get(namespace, {}), packages)) or namespace not in old}


def _changed_ownership(old: Ownership, changes: Mapping[str, Any]) -> Ownership:
    return _changed(old, {
        namespace: None if packages is None else _changed(old.get(namespace, {}), _tuples(packages))
        for namespace, packages in changes.items()})


def _tuples(lists: Mapping[str, list[str] | None]) -> dict[str, tuple[str, ...] | None]:
    return {key: None if names is None else tuple(names) for key, names in lists.items()}


def _group_changes(old: Mapping[str, frozenset[str]], new: Mapping[str, frozenset[str]]) -> dict[str, Any]:
    """New and former members by group, ``None`` for groups that are gone: some have 100,000 members."""
    return dict.fromkeys(old.keys() - new.keys()) | {
        group: (sorted(members - old.get(group, _NOBODY)), sorted(old.get(group, _NOBODY) - members))
        for group, members in new.items() if group not in old or old[group] != members}


def _changed_members(members: frozenset[str], new: list[str], former: list[str]) -> frozenset[str]:
    return members.difference(former).union(new)
