"""Small worlds of people, packages and groups, with few enough names that they meet."""

from __future__ import annotations

from typing import TypeVar

from hypothesis import strategies as st

from fmn.directory import DirectoryPart

Value = TypeVar("Value")

NICKS = ("alice", "bob", "carol", "dave", "mallory", "root")
GROUPS = ("kde", "packager", "python-sig")
NAMESPACES = ("rpms", "modules", "container")
PACKAGES = ("php", "ruby", "kernel", "python3.14")

nicks = st.sampled_from(NICKS)
people = st.lists(st.one_of(nicks, st.sampled_from(GROUPS).map("@{}".format)), max_size=5)
ownerships = st.dictionaries(
    st.sampled_from(NAMESPACES), st.dictionaries(st.sampled_from(PACKAGES), people, max_size=4), max_size=3)
groups = st.dictionaries(st.sampled_from(GROUPS), st.lists(nicks, max_size=5), max_size=3)
addresses = st.dictionaries(nicks, nicks.map("{}@Example.org".format), max_size=4)
aliases = st.dictionaries(st.one_of(nicks.map("{}_away".format), nicks.map("{}@Example.org".format)), nicks)

parts = st.builds(
    DirectoryPart,
    committers=ownerships,
    watchers=st.none() | ownerships,
    groups=groups,
    aliases=aliases,
    addresses=addresses,
    ircnicks=st.dictionaries(nicks, st.lists(nicks.map("{}_away".format), max_size=2), max_size=3),
)
