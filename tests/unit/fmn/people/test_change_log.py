"""Two who edit the same: the second hears of it, and nothing of the first's is lost."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.errors import ConflictError
from fmn.people.change_log import check_version


@dataclass
class Row:
    version: int = 0


@given(st.lists(st.sampled_from(["ann looks", "ben looks", "ann saves", "ben saves", "a program saves"])))
def test_nobody_saves_over_what_they_have_not_seen(steps: list[str]) -> None:
    row = Row()
    seen = {"ann": 0, "ben": 0}
    for step in steps:
        who, does = step.rsplit(" ", 1)
        before = row.version
        if does == "looks":
            seen[who] = row.version
        elif who not in seen:
            check_version(row, None)  # it didn't look, and wants to save all the same
            assert row.version == before + 1
        elif seen[who] == before:
            check_version(row, seen[who])
            assert row.version == before + 1
        else:
            with pytest.raises(ConflictError):
                check_version(row, seen[who])
            assert row.version == before
