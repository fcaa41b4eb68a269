"""Rules that somebody may mean by a name that none has."""

from __future__ import annotations

import pytest

from fmn.filters.rule_suggestions import LONGEST, RuleSuggestions
from fmn.filters.rule_types import rule_types

KNOWN = RuleSuggestions(rule_types().by_name)


@pytest.mark.parametrize(("name", "meant"), [
    ("buildfailed", "; did you mean koji_build_failed, copr_build_failed or mbs_build_failed?"),
    ("koji.build.failed", "; did you mean koji_build_failed?"),
    ("buildsys.build.failed", "; did you mean koji_build_failed?"),
    ("Comment on an update", "; did you mean bodhi_update_comment?"),
    ("maintain", "; did you mean maintains?"),
    ("koji_tagg", "; did you mean koji_tag?"),
    ("nothing_like_it", ""),
    ("", ""),
    ("_", ""),
    ("z" * 100 * LONGEST, ""),
])
def test_a_rule_is_meant_by_its_name_its_title_or_its_application(name: str, meant: str) -> None:
    assert KNOWN.did_you_mean(name) == meant
