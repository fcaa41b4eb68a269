"""A directory as bytes and back."""

from __future__ import annotations

import contextlib
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.directory import Directory, DirectoryPart
from fmn.directory.codec import DirectoryDecodeError, decode, encode
from fmn.directory.merging import merge
from tests.unit.fmn.directory.strategies import parts


@given(st.lists(parts, max_size=2), st.sampled_from(["", "example.org"]))
def test_what_was_written_is_read(known: list[DirectoryPart], domain: str) -> None:
    directory = merge(known, domain)

    assert decode(encode(directory)) == directory


def test_an_empty_directory_can_be_written() -> None:
    assert decode(encode(Directory())) == Directory()


def test_people_who_own_the_same_packages_share_their_names() -> None:
    ownership = {"rpms": {"php": ["alice", "bob"], "ruby": ["bob", "alice"], "perl": ["alice"]}}
    directory = decode(encode(merge([DirectoryPart(committers=ownership, aliases={"al": "alice"})])))

    rpms = directory.committers["rpms"]
    assert rpms["php"] is rpms["ruby"] is directory.watchers["rpms"]["php"]
    assert rpms["php"][0] is rpms["perl"][0] is directory.aliases["al"]


def test_names_in_any_script_survive() -> None:
    directory = merge([DirectoryPart(committers={"rpms": {"php": ["Zoë", "李", "@Domain Users"]}})])

    assert decode(encode(directory)) == directory


@pytest.mark.parametrize("content", [
    b"",
    b"no compression",
    zlib.compress(b""),
    zlib.compress(b"{}\n"),
    zlib.compress(b"[]\n"),
    zlib.compress(b'{"names": 3, "lengths": []}\n'),
    zlib.compress(b"not JSON\n"),
    zlib.compress(b"{}\nodd"),
    encode(Directory(committers={"rpms": {"php": ("alice",)}}))[:-3],
])
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(DirectoryDecodeError):
        decode(content)


@given(st.binary(max_size=60))
def test_no_bytes_do_worse_than_being_refused(noise: bytes) -> None:
    with pytest.raises(DirectoryDecodeError):
        decode(zlib.compress(noise))


@given(parts, st.data())
def test_no_damaged_header_does_worse_than_being_refused(part: DirectoryPart, data: st.DataObject) -> None:
    # Given bytes of which one field isn't what it should be
    header, _, numbers = zlib.decompress(encode(merge([part]))).partition(b"\n")
    values = json.loads(header)
    field = data.draw(st.sampled_from(sorted(values)))
    values[field] = data.draw(st.sampled_from([None, 7, "x", [99], {"a": 9}]))

    # When they're read, then that's refused, or gives some directory
    with contextlib.suppress(DirectoryDecodeError):
        decode(zlib.compress(json.dumps(values).encode() + b"\n" + numbers))
