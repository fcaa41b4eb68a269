from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fmn.cli import main
from fmn.filters.expressions import Rule
from fmn.filters.rule_types import GENERIC_RULES, RuleError, rule_types
from tests.unit.fmn.cli.refusals import refusal

MESSAGES = (
    {"topic": "org.fedoraproject.prod.git.receive", "msg": {"commit": {
        "username": "bob", "namespace": "rpms", "repo": "moss", "branch": "f44"}}},
    {"topic": "org.fedoraproject.prod.fas.user.update", "msg": {"agent": "al", "user": "alice"}},
    {"name": "third", "message": {"topic": "org.fedoraproject.prod.meadow.grass", "msg": {"agent": "bob"}}},
)
DIRECTORY = {
    "owners": {"alice": {"rpms": ["moss"]}},
    "groups": {"mossers": ["alice", "carol"]},
    "aliases": {},
}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


class Run:
    """Runs ``fmn rules ask``, with the files that it needs."""

    def __init__(self, directory: Path) -> None:
        self.questions = directory / "questions.json"
        self.messages = directory / "messages.jsonl"
        self.directory = directory / "directory.json"

    def __call__(self, questions: Any, *options: str, directory: Mapping[str, Any] | None = None) -> Result:
        content = questions if isinstance(questions, bytes) else json.dumps(questions).encode()
        self.questions.write_bytes(content)
        self.messages.write_text("\n".join(map(json.dumps, MESSAGES)), encoding="utf-8")
        arguments = ["rules", "ask", str(self.questions), str(self.messages), *options]
        if directory is not None:
            self.directory.write_text(json.dumps(directory), encoding="utf-8")
            arguments += ["--directory", str(self.directory)]
        return CliRunner().invoke(main, arguments)


def question(rule: str, **arguments: str) -> Mapping[str, Any]:
    return {"rule": rule, "with": arguments}


class TestList:
    def test_names_every_rule_with_its_arguments(self) -> None:
        lines = CliRunner().invoke(main, ["rules", "list"]).output.splitlines()

        assert [line.split()[0].partition("(")[0] for line in lines] == list(rule_types().by_name)
        assert any(line.startswith("package_filter(package) ") for line in lines)
        assert lines[0].endswith(GENERIC_RULES[0].help)

    def test_marks_what_is_gone(self) -> None:
        lines = CliRunner().invoke(main, ["rules", "list"]).output.splitlines()

        gone = {line.split()[0].partition("(")[0] for line in lines if line.endswith(" (retired)")}
        assert gone == {name for name, rule_type in rule_types().by_name.items() if not rule_type.offered}


class TestAsk:
    def test_says_which_messages_a_rule_lets_through(self, run: Run) -> None:
        asked = [
            question("user_filter", fasnick="bob"), {"rule": "fas_user_update"},
            question("package_filter", package="moss, fern"), question("user_filter", fasnick="mallory")]

        assert run(asked).output == (
            "user_filter(bob): 0, 2\n"
            "fas_user_update: 1\n"
            'package_filter("moss, fern"): 0\n'
            "user_filter(mallory): none\n")

    def test_writes_a_list_of_lists_of_positions(self, run: Run) -> None:
        asked = [question("user_filter", fasnick="bob"), question("user_filter", fasnick="mallory")]

        assert json.loads(run(asked, "--json").output) == [[0, 2], []]

    def test_asked_nothing_answers_nothing(self, run: Run) -> None:
        assert run([], "--json").output == "[]\n"
        assert run([]).output == ""

    def test_knows_owners_and_groups_from_the_directory(self, run: Run) -> None:
        asked = [
            question("user_package_filter", fasnick="alice"),
            question("fas_group_member_filter", group="mossers")]

        assert json.loads(run(asked, "--json", directory=DIRECTORY).output) == [[0], [1]]
        assert json.loads(run(asked, "--json").output) == [[], []]

    def test_looks_accounts_up_in_the_directory(self, run: Run) -> None:
        run.messages.parent.joinpath("mail.jsonl").write_text(json.dumps({
            "topic": "a.b.c.mailman.receive",
            "msg": {"mlist": {"list_name": "moss"}, "msg": {"from": "alice@home.example"}},
        }), encoding="utf-8")
        aliases = {"alice@home.example": "alice"}
        run([question("user_filter", fasnick="alice")], directory={"aliases": aliases})
        result = CliRunner().invoke(main, [
            "rules", "ask", str(run.questions), str(run.messages.parent / "mail.jsonl"), "--json",
            "--directory", str(run.directory)])

        assert json.loads(result.output) == [[0]]

    @pytest.mark.parametrize(("asked", "sentence"), [
        ({}, 'must be a JSON list of {"rule": NAME, "with": {ARGUMENT: VALUE}}'),
        (3, 'must be a JSON list of {"rule": NAME, "with": {ARGUMENT: VALUE}}'),
        (b"", "isn't JSON: Expecting value"),
        (b"\xff", "isn't JSON: "),
        (b"[" * 100_000, "isn't JSON: "),
    ])
    def test_questions_of_another_shape_get_one_sentence(
        self, run: Run, asked: Any, sentence: str,
    ) -> None:
        assert refusal(run(asked)).startswith(f"{run.questions}: {sentence}")

    @pytest.mark.parametrize(("asked", "sentence"), [
        ("user_filter", 'must be a JSON list of {"rule": NAME, "with": {ARGUMENT: VALUE}}'),
        ({}, 'must be a JSON list of {"rule": NAME, "with": {ARGUMENT: VALUE}}'),
        ({"rule": 3}, 'must be a JSON list of {"rule": NAME, "with": {ARGUMENT: VALUE}}'),
        ({"rule": "user_filter", "with": ["bob"]}, '"with" must be an object that maps arguments to text'),
        ({"rule": "user_filter", "with": {"fasnick": 3}},
         '"with" must be an object that maps arguments to text'),
    ])
    def test_a_question_of_another_shape_gets_one_sentence(
        self, run: Run, asked: Any, sentence: str,
    ) -> None:
        said = refusal(run([question("user_filter", fasnick="bob"), asked]))

        assert said == f"{run.questions}, question 1: {sentence}"

    @pytest.mark.parametrize("asked", [
        question("no_such_rule"),
        question("user_filter"),
        question("user_filter", fasnick="bob", x="y"),
        question("regex_filter", pattern="("),
    ])
    def test_a_rule_that_cannot_be_asked_gets_the_sentence_that_says_why(
        self, run: Run, asked: Mapping[str, Any],
    ) -> None:
        with pytest.raises(RuleError) as caught:
            rule_types().check(Rule.of(asked["rule"], asked["with"]))

        assert refusal(run([asked])) == f"{run.questions}, question 0: {caught.value}"

    def test_a_directory_of_another_shape_gets_a_sentence_for_each_mistake(self, run: Run) -> None:
        result = run([], directory={"owner": {}, "groups": {"mossers": "alice"}})

        assert result.exit_code == 1
        assert "did you mean owners?" in result.output
        assert "/groups/mossers" in result.output


class TestLint:
    @staticmethod
    def lint(expression: str) -> Result:
        return CliRunner().invoke(main, ["rules", "lint", expression])

    def test_says_that_nothing_is_wrong(self) -> None:
        result = self.lint("maintains(@me) and not actor(@me)")

        assert (result.exit_code, result.output) == (0, "No problems found.\n")

    def test_says_what_is_not_so_good(self) -> None:
        result = self.lint("maintains(@me) and koji_tag and application(buildsys)")

        assert result.exit_code == 0
        assert result.output == (
            "warn: “From buildsys” has no effect: “Build tagged” already covers it.\n")

    def test_fails_for_what_could_not_be_saved(self) -> None:
        result = self.lint("koji_tag and koji_untag")

        assert (result.exit_code, result.output) == (
            1, "refuse: No message can match both “Build tagged” and “Build untagged”.\n")

    def test_tells_where_it_cannot_read_on(self) -> None:
        assert refusal(self.lint("koji_tag and $")) == "unexpected '$' at character 14"
