"""Directory source Pagure with the dist-git plug-in, such as Fedora's src.fedoraproject.org: ownership.

The plug-in publishes whole maps, so no query per package or user is needed:

* ``/extras/pagure_owner_alias.json``: committers, * ``/extras/pagure_bz.json``: recipients of bug mail, which
are the watchers: committers who didn't unwatch, and
  others who watch,

both as ``{namespace: {package: [nick or @group]}}``. Pagure regenerates them periodically, so they show a
change minutes after its message. ``docs/decisions/0007-watchers.rst`` has the reasoning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from urllib.parse import quote

import structlog

from fmn.directory.json_client import DirectoryPageMissingError, JsonClient
from fmn.directory.json_validation import JsonValidator
from fmn.directory.merging import DirectoryPart, DirectoryUnavailableError
from fmn.directory.snapshot import GROUP_MARK

log = structlog.get_logger()

COMMITTERS_PATH = "extras/pagure_owner_alias.json"
WATCHERS_PATH = "extras/pagure_bz.json"
GROUP_PATH = "api/0/group"

#: Mistakes of a page that an error shows. After a change of format there's one per package.
MISTAKES_SHOWN = 3

Packages = Mapping[str, Mapping[str, list[str]]]


class PagureSource:
    """Source Pagure at a URL.

    Without ``watchers``, committers count as watchers. With ``members``, it fetches the members of groups
    that own packages; otherwise another source has them.
    """

    def __init__(self, url: str, timeout_seconds: float, *, watchers: bool, members: bool) -> None:
        self._url = url
        self._timeout_seconds = timeout_seconds
        self._watchers = watchers
        self._members = members

    def fetch(self) -> DirectoryPart:
        with closing(JsonClient(self._url, self._timeout_seconds)) as web:
            committers = _packages(web, COMMITTERS_PATH)
            watchers = _watched(web) if self._watchers else None
            groups = _groups([committers, watchers or {}]) if self._members else []
            return DirectoryPart(
                committers=committers,
                watchers=watchers,
                groups={group: _group_members(web, group) for group in groups},
            )


def _packages(web: JsonClient, path: str) -> Packages:
    url = web.url(path)
    shape = JsonValidator(url)
    packages = shape.tree(web.get(path))
    shape.check(MISTAKES_SHOWN)
    if not any(packages.values()):
        # An empty answer is an error: with an empty directory, people would silently get no notifications.
        raise DirectoryUnavailableError(f"{url}: has no packages, which can't be true")
    return packages


def _watched(web: JsonClient) -> Packages:
    try:
        return _packages(web, WATCHERS_PATH)
    except DirectoryPageMissingError as error:
        raise DirectoryUnavailableError(
            f"{error}; if this Pagure doesn't list watchers, say fmn.directory.pagure_watchers = committers",
        ) from error


def _groups(maps: Iterable[Packages]) -> list[str]:
    names = {
        name for ownership in maps for packages in ownership.values()
        for people in packages.values() for name in people
    }
    return sorted(name.removeprefix(GROUP_MARK) for name in names if name.startswith(GROUP_MARK))


def _group_members(web: JsonClient, group: str) -> list[str]:
    path = f"{GROUP_PATH}/{quote(group, safe='')}"
    shape = JsonValidator(web.url(path))
    try:
        answer = shape.object(web.get(path))
    except DirectoryPageMissingError:
        log.warning("group owns packages but doesn't exist", group=group)
        return []
    members = shape.names(answer.get("members"), "members")
    shape.check(MISTAKES_SHOWN)
    return members
