"""Warnings about people, packages and groups that nobody knows."""

from __future__ import annotations

import pytest

from fmn.filters.expression_syntax import parse_expression
from fmn.filters.expressions import Rule
from fmn.filters.rule_types import rule_types
from fmn.matching.completion import CompletionKind, NameLookup, PrefixIndex
from fmn.matching.lint_findings import LintCode, LintSeverity
from fmn.matching.unknown_names import unknown_names

KNOWN = NameLookup(
    {CompletionKind.USERS: PrefixIndex.of(["mary", "tom"]),
     CompletionKind.PACKAGES: PrefixIndex.of(["moss", "rpms/moss", "Fern"]),
     CompletionKind.OWNING_GROUPS: PrefixIndex.of(["infra-sig"])},
    {CompletionKind.USERS: PrefixIndex.of(["releng-bot"])})


@pytest.mark.parametrize(("text", "warnings"), [
    ("actor(marry)", ["“marry” is no person that FMN knows. Did you mean “mary”?"]),
    ("not (actor(zoe) or koji_tag)", ["“zoe” is no person that FMN knows. Check the spelling."]),
    ('actor("zoe, tom, eve, @me") or actor(eve)', [
        "“zoe” and “eve” are no people that FMN knows. Check the spelling."]),
    ('package_filter("rpms/mos, fern")', [
        "“rpms/mos” and “fern” are no packages that FMN knows. Check the spelling."]),
    ("package_filter(fern)", ["“fern” is no package that FMN knows. Did you mean “Fern”?"]),
    ("group_maintains(infra-sg)", [
        "“infra-sg” is no group that maintains packages, as far as FMN knows. Did you mean “infra-sig”?"]),
    ("group_maintains(packager) and group(packager)", [
        ("“packager” is no group that maintains packages, as far as FMN knows. Check the spelling. Packages "
        "that only its members maintain don’t count.")]),
    ("group_maintains(infra-sig)", []),
    ('maintains("@me, mary, @infra-sig") or not watches("@infra-sig, zoe")', [
        "“@infra-sig” is a group. For its packages, use the rule group_maintains instead.",
        "“zoe” is no person that FMN knows. Check the spelling."]),
    ('actor("@forest, @me")', ["“@forest” is no person that FMN knows. Check the spelling."]),
    # What is in the directory or came lately is known, and of groups nothing is.
    ('actor("releng-bot, mary, @me") and package_filter("rpms/moss, moss, Fern") and group(anything)', []),
])
def test_unknown_names_are_warned_of(text: str, warnings: list[str]) -> None:
    found = list(unknown_names(parse_expression(text, rule_types()), KNOWN))

    assert [each.sentence for each in found] == warnings
    assert {(each.severity, each.code) for each in found} <= {(LintSeverity.WARN, LintCode.UNKNOWN)}


def test_of_many_unknown_names_none_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PrefixIndex, "similar", lambda *_: pytest.fail("it takes milliseconds for each"))
    asked = Rule.of("actor", {"fasnick": ",".join(f"usr{number}" for number in range(1_200))})

    (found,) = unknown_names(asked, KNOWN)

    assert found.sentence == (
        "“usr0”, “usr1”, “usr2” and 1,197 more are no people that FMN knows. Check the spelling.")


def test_a_name_is_compared_with_few_of_many() -> None:
    index = PrefixIndex.of(f"package-{number}" for number in range(50_000))
    assert index.similar("package-0x") == "package-0"
    assert "package-49999" in index
    assert "package-50000" not in index
