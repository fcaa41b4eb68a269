"""Binary encoding of a directory for the cache: compact, and fast to decode.

The compressed content is a line of JSON and an array of 32-bit numbers. Each name is stored once; each list
of names is stored once, as indexes of names; the maps consist of indexes of both. Decoding twenty million
names in JSON would take ten times as long.
"""

from __future__ import annotations

import json
import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any, TypeVar

from fmn.directory.snapshot import Directory, Ownership

#: Part of the cache's keys. Increment it with any change here, so that old and new workers, which run side by
#: side during an upgrade, don't decode each other's bytes.
FORMAT = 1

#: zlib's fastest level: callers wait for a refresh, and the cache is near.
COMPRESSION_LEVEL = 1

Names = tuple[str, ...]
Thing = TypeVar("Thing")


class DirectoryDecodeError(ValueError):
    """The bytes aren't an encoded directory."""


def encode(directory: Directory) -> bytes:
    """Encode a directory. Names must be printable, which :func:`fmn.directory.merging.merge` ensures."""
    groups = {group: tuple(members) for group, members in directory.groups.items()}
    lists = _places(chain(_lists(directory), groups.values()))
    names = _places(chain(chain.from_iterable(lists), _paired_names(directory)))
    header = {
        "version": directory.version,
        "email_domain": directory.email_domain,
        "names": "\n".join(names),
        "lengths": [len(people) for people in lists],
        "committers": _ownership_places(directory.committers, lists),
        "watchers": _ownership_places(directory.watchers, lists),
        "groups": {group: lists[members] for group, members in groups.items()},
        "aliases": _columns(directory.aliases, names, names),
        "addresses": _columns(directory.addresses, names, names),
        "ircnicks": _columns(directory.ircnicks, names, lists),
    }
    numbers = array("I", map(names.__getitem__, chain.from_iterable(lists)))
    return zlib.compress(
        json.dumps(header, separators=(",", ":")).encode() + b"\n" + _little_endian(numbers).tobytes(),
        COMPRESSION_LEVEL)


def decode(content: bytes) -> Directory:
    """Decode :func:`encode`'s bytes.

    :raises DirectoryDecodeError: these are others
    """
    try:
        header, _, numbers = zlib.decompress(content).partition(b"\n")
        return _decoded(json.loads(header), _little_endian(array("I", numbers)))
    except (zlib.error, ValueError, LookupError, TypeError, AttributeError) as error:
        raise DirectoryDecodeError(f"{type(error).__name__}: {error}") from error


def _decoded(header: dict[str, Any], numbers: Iterable[int]) -> Directory:
    names: list[str] = header["names"].split("\n")
    people = map(names.__getitem__, numbers)
    lists: list[Names] = [tuple(islice(people, length)) for length in header["lengths"]]
    return Directory(
        committers=_ownership_at(header["committers"], lists),
        watchers=_ownership_at(header["watchers"], lists),
        groups={group: frozenset(lists[place]) for group, place in header["groups"].items()},
        aliases=dict(_rows(header["aliases"], names, names)),
        addresses=dict(_rows(header["addresses"], names, names)),
        ircnicks=dict(_rows(header["ircnicks"], names, lists)),
        email_domain=header["email_domain"],
        version=header["version"],
    )


def _paired_names(directory: Directory) -> Iterator[str]:
    for pairs in (directory.aliases, directory.addresses):
        yield from pairs
        yield from pairs.values()
    yield from directory.ircnicks


def _lists(directory: Directory) -> Iterator[Names]:
    for ownership in (directory.committers, directory.watchers):
        for packages in ownership.values():
            yield from packages.values()
    yield from directory.ircnicks.values()


def _places(things: Iterable[Thing]) -> dict[Thing, int]:
    """Index of each distinct thing, in the order of first appearance."""
    return {thing: place for place, thing in enumerate(dict.fromkeys(things))}


def _ownership_places(ownership: Ownership, lists: Mapping[Names, int]) -> dict[str, dict[str, int]]:
    return {
        namespace: {package: lists[people] for package, people in packages.items()}
        for namespace, packages in ownership.items()
    }


def _ownership_at(places: dict[str, dict[str, int]], lists: list[Names]) -> Ownership:
    return {
        namespace: {package: lists[place] for package, place in packages.items()}
        for namespace, packages in places.items()
    }


def _columns(
    mapping: Mapping[str, Thing], names: Mapping[str, int], values: Mapping[Thing, int],
) -> tuple[list[int], list[int]]:
    return [names[key] for key in mapping], [values[value] for value in mapping.values()]


def _rows(
    columns: tuple[list[int], list[int]], names: list[str], values: list[Thing],
) -> Iterator[tuple[str, Thing]]:
    return zip(map(names.__getitem__, columns[0]), map(values.__getitem__, columns[1]), strict=True)


def _little_endian(numbers: array[int]) -> array[int]:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
