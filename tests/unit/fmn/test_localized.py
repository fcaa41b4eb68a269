"""Numbers, dates and lists in the reader's language."""

from __future__ import annotations

from datetime import date

import pytest

from fmn import localized
from fmn.translations import in_language

DAY = date(2026, 5, 14)


@pytest.mark.parametrize(("language", "texts"), [
    ("en", ["1,234", "2.5", "14 May 2026", "14 May", "Thursday, 14 May", "Thu 14 May", "Thursday", "Monday",
            "Thursday, 14 May 2026", "14 May", "14 May 2026"]),
    ("de", ["1.234", "2,5", "14. Mai 2026", "14. Mai", "Donnerstag, 14. Mai", "Do., 14. Mai", "Donnerstag",
            "Montag", "Donnerstag, 14. Mai 2026", "14. Mai", "14. Mai 2026"]),
])
def test_numbers_and_dates_are_written_as_their_readers_do(language: str, texts: list[str]) -> None:
    with in_language(language):
        assert [
            localized.number_text(1234), localized.number_text(2.5), localized.long_date(DAY),
            localized.day_and_month(DAY), localized.weekday_and_date(DAY),
            localized.short_weekday_and_date(DAY), localized.weekday(DAY), localized.weekday_name(0),
            localized.weekday_and_long_date(DAY), localized.short_date(DAY, has_year=False),
            localized.short_date(DAY, has_year=True),
        ] == texts


@pytest.mark.parametrize(("items", "english", "german"), [
    ([], "", ""), (["a"], "a", "a"), (["a", "b"], "a and b", "a und b"),
    (["a", "", "b", "c"], "a, b and c", "a, b und c"),
    (["a", "b", "c", "d", "e"], "a, b, c and 2 more", "a, b, c und 2 weitere"),
])
def test_a_list_ends_in_the_languages_word(items: list[str], english: str, german: str) -> None:
    assert localized.series(items) == english
    with in_language("de"):
        assert localized.series(items) == german
