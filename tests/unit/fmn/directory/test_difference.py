"""Differences between directories against decoding the next one whole."""

from __future__ import annotations

import contextlib
import json
import zlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.directory import Directory, DirectoryPart
from fmn.directory.codec import DirectoryDecodeError, decode, encode
from fmn.directory.difference import apply_difference, encode_difference
from fmn.directory.merging import merge
from tests.unit.fmn.directory.strategies import NICKS, parts, people

directories = st.builds(
    lambda known, domain: decode(encode(merge(known, domain))),
    st.lists(parts, max_size=2), st.sampled_from(["", "example.org"]))


@given(st.lists(directories, min_size=2, max_size=4), st.booleans())
def test_differences_lead_where_decoding_leads(versions: list[Directory], asked: bool) -> None:
    directory = versions[0]
    if asked:  # who is in which groups, which is found out at the first question
        directory.groups_of("alice")
    for old, new in pairwise(versions):
        directory = apply_difference(directory, encode_difference(old, new))

        assert directory == new
        assert directory.version == new.version
        for nick in NICKS:
            assert directory.groups_of(nick) == new.groups_of(nick)


def test_a_directory_as_sources_have_it_is_made_too() -> None:
    old = Directory(committers={"rpms": {}}, watchers={"modules": {"php": ()}}, groups={"kde": frozenset()})
    new = Directory(committers={"modules": {}}, watchers={"modules": {}}, groups={"infra": frozenset()})

    assert apply_difference(old, encode_difference(old, new)) == new


@given(people, people)
def test_what_did_not_change_is_shared(before: list[str], after: list[str]) -> None:
    old = merge([DirectoryPart(committers={"rpms": {"php": before}}, aliases={"al": "alice"})])
    new = merge([DirectoryPart(committers={"rpms": {"php": after}}, aliases={"al": "alice"})])
    made = apply_difference(old, encode_difference(old, new))

    assert made.aliases is old.aliases
    assert (made.committers is old.committers) == (old == new)


def test_the_difference_of_a_large_group_is_small() -> None:
    members = frozenset(f"person{number}" for number in range(10_000))
    old, new = Directory(groups={"all": members}), Directory(groups={"all": members | {"alice"}})
    difference = encode_difference(old, new)

    assert len(difference) < 300
    assert apply_difference(old, difference) == new


def test_a_difference_of_another_directory_is_refused() -> None:
    old, new = Directory(email_domain="example.org"), Directory(email_domain="example.com")

    with pytest.raises(DirectoryDecodeError, match="another directory"):
        apply_difference(new, encode_difference(old, new))


@pytest.mark.parametrize("content", [
    b"", b"no compression", zlib.compress(b""), zlib.compress(b"[]"), zlib.compress(b"{}"),
    zlib.compress(json.dumps({"from": Directory().version, "groups": {"a": None}}).encode())])
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(DirectoryDecodeError):
        apply_difference(Directory(), content)


@given(st.binary(max_size=50), st.integers(0, 200))
def test_damaged_bytes_fail_in_one_way(noise: bytes, at: int) -> None:
    old, new = Directory(), Directory(committers={"rpms": {"php": ("alice", "bob")}})
    content = encode_difference(old, new)

    with contextlib.suppress(DirectoryDecodeError):
        apply_difference(old, content[:at] + noise + content[at + len(noise):])
