from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fmn.catalog.collective import Telling, sentence

PUSHES = "{who:people} pushed to {package:packages}{branch}"


def pushes(*packages: str, who: str = "ralph", branch: str = "") -> list[Telling]:
    """A push to each package."""
    return [Telling.of(PUSHES, {"who": who, "package": name, "branch": branch}) for name in packages]


@pytest.mark.parametrize(("tellings", "said"), [
    (pushes("ghc", "cabal"), "ralph pushed to ghc and cabal"),
    (pushes("ghc", "cabal", "alex"), "ralph pushed to ghc, cabal and alex"),
    (pushes("ghc", "cabal", "alex", "happy"), "ralph pushed to ghc and 3 other packages"),
    (pushes("ghc", *(f"ghc-{n}" for n in range(487))), "ralph pushed to ghc and 487 other packages"),
    (pushes(*(f"p{n}" for n in range(5000))), "ralph pushed to p0 and 4,999 other packages"),
    ([*pushes("ghc"), *pushes("ghc", who="mary")], "ralph and mary pushed to ghc"),
    ([push for n in range(5) for push in pushes("ghc", who=f"u{n}")], "u0 and 4 other people pushed to ghc"),
])
def test_names_a_few_different_things_and_counts_more(tellings: list[Telling], said: str) -> None:
    assert sentence(tellings, "ralph pushed to rpms/ghc") == said


def test_counts_a_thing_once_however_often_it_comes() -> None:
    assert sentence(pushes("ghc", "cabal", "ghc"), "") == "ralph pushed to ghc and cabal"


def test_says_how_many_they_are_where_they_all_read_the_same() -> None:
    assert sentence(pushes("ghc", "ghc", "ghc"), "") == "ralph pushed to ghc (3 times)"


def test_says_what_all_have_alike_and_nothing_where_they_differ() -> None:
    in_one = pushes("ghc", "cabal", branch=" (f44)")
    assert sentence(in_one, "") == "ralph pushed to ghc and cabal (f44)"
    assert sentence([*in_one, *pushes("alex", branch=" (f43)")], "") == "ralph pushed to ghc, cabal and alex"


def test_events_that_have_to_be_alike_in_a_word_are_of_different_kinds_where_they_are_not() -> None:
    template = "{who:people} {did:alike} {request:pull requests}"
    merged, closed, other = (
        Telling.of(template, {"who": "mary", "did": did, "request": request})
        for did, request in (("merged", "moss#1"), ("closed", "moss#2"), ("merged", "moss#3")))

    assert merged.kind == other.kind != closed.kind
    assert sentence([merged, other], "") == "mary merged moss#1 and moss#3"
    assert sentence([merged, merged], "") == "mary merged moss#1 (2 times)"


def test_goes_by_the_first_summary_without_a_template() -> None:
    said = sentence([Telling()] * 20, "mary made the branch f44")
    assert said == "mary made the branch f44, and 19 more like it"


def test_a_template_with_a_word_that_nobody_knows_is_noticed_at_the_first_event() -> None:
    with pytest.raises(KeyError, match="branch"):
        Telling.of(PUSHES, {"who": "ralph", "package": "ghc"})


@given(st.lists(st.tuples(st.text(), st.text(), st.text()), min_size=2))
def test_is_one_line_whatever_the_words_are(words: list[tuple[str, str, str]]) -> None:
    tellings = [Telling.of(PUSHES, {"who": w, "package": p, "branch": b}) for w, p, b in words]
    said = sentence(tellings, "")
    assert said == " ".join(said.split())
    assert "pushed to" in said
