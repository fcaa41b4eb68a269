from __future__ import annotations

from fmn.catalog import Severity, catalog
from tests.messages import described, facts

BODY = {
    "components": ["moss", "lichen"], "count": 102, "level": 100, "function": "grow", "type": "core",
    "first_occurrence": "2026-03-01", "url": "https://retrace.example.org/reports/815/",
}


def test_a_report_names_packages_and_how_often() -> None:
    told = described("faf.report.threshold100", BODY)

    assert facts("faf.report.threshold100", BODY).package_names == {"moss", "lichen"}
    assert facts("faf.report.threshold100", BODY).agent is None
    assert told.summary == "A crash of moss and lichen was reported 102 times"
    assert told.link == "https://retrace.example.org/reports/815/"
    assert told.secondary_icon == "https://apps.fedoraproject.org/packages/images/icons/moss.png"
    assert "Function: grow" in told.long


def test_maintainers_are_concerned_where_a_message_names_them() -> None:
    body = {**BODY, "maintainers": ["mary", "sam"]}

    assert facts("faf.problem.threshold10", body).usernames == {"mary", "sam"}


def test_a_problem_isn_t_called_a_crash() -> None:
    assert described("faf.problem.threshold100", BODY).summary == (
        "A problem of moss and lichen was reported 102 times")


def test_without_components_there_is_no_picture() -> None:
    told = described("faf.report.threshold1", {"count": 1})

    assert told.summary == "A crash of a package was reported 1 time"
    assert told.secondary_icon == ""


def test_there_is_an_event_type_for_each_level_and_the_high_ones_warn() -> None:
    events = {event.name: event for event in catalog().applications["faf"].event_types}

    assert len(events) == 14
    assert events["faf_problem_threshold1"].severity is Severity.DEBUG
    assert events["faf_report_threshold100"].severity is Severity.INFO
    assert events["faf_report_threshold1000000"].severity is Severity.WARNING
    assert events["faf_report_threshold10"].help == "A crash was reported 10 times."
