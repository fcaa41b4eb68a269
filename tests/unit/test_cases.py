from __future__ import annotations

import pytest

from tests.cases import every

NAMES = ("moss", "fern", "oak")


@every("name", NAMES, str.upper)
@pytest.mark.parametrize("end", ["s", "k"])
def test_a_test_of_every_case_can_have_other_arguments(end: str, name: str) -> None:
    assert name + end


def test_all_cases_that_fail_are_told_of_by_their_names() -> None:
    seen: list[str] = []

    @every("name", NAMES, str.upper)
    def test(name: str) -> None:
        seen.append(name)
        assert name == "fern", "no fern"

    with pytest.raises(ExceptionGroup, match="2 of 3 cases failed") as caught:
        test()
    assert [error.__notes__ for error in caught.value.exceptions] == [["case: 'MOSS'"], ["case: 'OAK'"]]
    assert seen == list(NAMES)
