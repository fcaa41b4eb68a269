from __future__ import annotations

from fmn.catalog import catalog
from fmn.catalog.catalog_search import SearchResult, is_retired, search_catalog


def found(text: str) -> dict[str, list[str]]:
    """What's found, by the application's category: the names of event types and further rules."""
    return {each.application.category: _names(each) for each in search_catalog(catalog(), text)}


def _names(each: SearchResult) -> list[str]:
    return [*(event.name for event in each.events), *(rule.name for rule in each.rules)]


def test_without_words_everything_is_found_and_what_is_retired_comes_last() -> None:
    everything = search_catalog(catalog(), "  ")

    assert sum(len(each.events) for each in everything) == len(list(catalog().event_types()))
    retired = [is_retired(each.application) for each in everything]
    assert retired == sorted(retired)
    assert any(retired)


def test_every_word_has_to_occur_in_whatever_case() -> None:
    assert found("Build FAILED koji") == {"buildsys": [
        "koji_build_failed", "koji_scratch_build_failed", "koji_build_state_change",
        "koji_scratch_build_state_change"]}
    assert found("bodhi_update_comment") == {"bodhi": ["bodhi_update_comment"]}
    assert found("planet.post.new") == {"planet": ["planet_post_new"]}
    assert found("koschei group") == {"koschei": ["koschei_group"]}


def test_everything_from_an_application_is_found_by_its_name() -> None:
    bodhi = catalog().applications["bodhi"]

    assert len(found("bodhi")["bodhi"]) == len(bodhi.event_types) + len(bodhi.rules)


def test_everything_from_an_application_is_found_by_what_it_is_about() -> None:
    assert len(found("questions answers")["askbot"]) == 5


def test_what_is_not_there_is_not_found() -> None:
    assert found("comment no such thing") == {}
