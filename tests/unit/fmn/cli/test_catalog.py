from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fmn.catalog import catalog as known
from fmn.cli.catalog import catalog
from tests.cases import every
from tests.unit.fmn.cli.refusals import refusal

SPONSORED = {
    "topic": "org.fedoraproject.prod.fas.group.member.sponsor",
    "msg": {"agent": "mary", "user": "sam", "group": "mossers"},
}
MAILED = {
    "topic": "org.fedoraproject.prod.mailman.receive",
    "msg": {"mlist": {"list_name": "moss"}, "msg": {"from": "Mary <mary@moss.example>", "subject": "Moss"}},
}
FIELDS = [
    "known", "title", "summary", "link", "icon", "secondary_icon", "agent", "usernames", "packages",
    "groups", "severity"]


def run(*arguments: str, given: str | bytes = "") -> Result:
    return CliRunner().invoke(catalog, arguments, input=given)


def written(directory: Path, content: Any) -> str:
    """A file with this as JSON; its path."""
    path = directory / "given.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return str(path)


class TestList:
    def test_names_every_application_and_event_type(self) -> None:
        lines = run("list").output.splitlines()

        assert [line.partition(":")[0].partition(" ")[0] for line in lines if line[0] != " "] == list(
            known().applications)
        assert [line.split()[0] for line in lines if line[0] == " "] == [
            event.name for event in known().event_types()]

    def test_marks_what_is_gone(self) -> None:
        lines = run("list").output.splitlines()

        assert "planet: " in "\n".join(lines)
        assert next(line for line in lines if line.startswith("pkgdb")).startswith("pkgdb (retired): ")


class TestShow:
    @every("name", known().applications)
    def test_tells_of_an_application(self, name: str) -> None:
        application = known().applications[name]
        result = run("show", name)

        assert result.exit_code == 0
        assert result.output.startswith(f"{application.title} ({name})")
        for event in application.event_types:
            assert f"\n{event.name} " in result.output
        for rule in application.rules:
            assert f"\n{rule.name} " in result.output
        assert not application.catchall or f"\n{application.catchall} " in result.output

    def test_tells_of_an_event_type_with_its_example(self) -> None:
        assert run("show", "fas_group_member_sponsor").output == """\
Member sponsored (fas_group_member_sponsor)
Somebody made somebody else a member of a group.

topic     fas.group.member.sponsor
severity  info
example   mary made sam a member of the group mossers
agent     mary
people    mary, sam

{
  "agent": "mary",
  "user": "sam",
  "group": "mossers"
}
"""

    def test_shows_more_text_where_there_is_some(self) -> None:
        long = known().describe(known().events_by_name["git_receive"].example_message()).long

        assert f"\n\n{long}\n\n{{\n" in run("show", "git_receive").output

    def test_of_what_is_not_there_says_what_is(self) -> None:
        assert refusal(run("show", "bodi")) == (
            "the catalogue has no application or event type 'bodi': did you mean bodhi?")
        assert refusal(run("show", "fas_role_updat")).endswith("did you mean fas_role_update?")
        assert refusal(run("show", "12345")) == (
            "the catalogue has no application or event type '12345': see fmn catalog list")


class TestCheck:
    def test_says_how_messages_read(self) -> None:
        unknown = {"topic": "org.example.prod.meadow.grass", "msg": {}}

        assert run("check", "-", given=f"{json.dumps(SPONSORED)}\n\n{json.dumps(unknown)}\n").output == (
            "  fas.group.member.sponsor                     mary made sam a member of the group mossers\n"
            "? meadow.grass                                 "
            "Message meadow.grass from an application that the catalogue doesn't know\n")

    def test_writes_an_object_a_line_in_order(self) -> None:
        unknown = {"topic": "org.example.prod.meadow.grass", "msg": {"agent": "sam"}}
        given = f"{json.dumps(SPONSORED)}\n{json.dumps({'name': 'second', 'message': unknown})}\n"
        result = run("check", "-", "--json", given=given)
        first, second = map(json.loads, result.output.splitlines())

        assert list(first) == list(second) == FIELDS
        assert first == {
            "known": True, "title": "fas.group.member.sponsor",
            "summary": "mary made sam a member of the group mossers", "link": "",
            "icon": known().applications["fas"].icon, "secondary_icon": first["secondary_icon"],
            "agent": "mary", "usernames": ["mary", "sam"], "packages": [], "groups": first["groups"],
            "severity": "info"}
        assert first["secondary_icon"].startswith("https://seccdn.libravatar.org/avatar/")
        assert (second["known"], second["title"], second["agent"], second["usernames"]) == (
            False, "meadow.grass", "sam", ["sam"])

    def test_reads_messages_of_fedora_messaging(self) -> None:
        record = {"topic": SPONSORED["topic"], "headers": {}, "body": SPONSORED["msg"]}

        assert run("check", "-", "--json", given=json.dumps(record)).output == (
            run("check", "-", "--json", given=json.dumps(SPONSORED)).output)

    def test_names_packages_without_their_namespaces(self) -> None:
        example = known().events_by_name["git_receive"].example_message()
        wire = {"topic": example.topic, "msg": example.body}

        assert json.loads(run("check", "-", "--json", given=json.dumps(wire)).output)["packages"] == ["moss"]

    def test_looks_accounts_up_among_the_aliases(self, tmp_path: Path) -> None:
        aliases = written(tmp_path, {"Mary@moss.example": "mary"})
        with_them = run("check", "-", "--json", "--aliases", aliases, given=json.dumps(MAILED))
        without = run("check", "-", "--json", given=json.dumps(MAILED))

        assert json.loads(with_them.output)["agent"] == "mary"
        assert json.loads(without.output)["agent"] is None

    @pytest.mark.parametrize("body", [None, [], "text", 3, {"agent": {"name": ["mary"]}}])
    def test_reads_odd_messages_as_far_as_they_go(self, body: object) -> None:
        wire = {"topic": "a.b.c.fas.user.create", "msg": body}
        result = run("check", "-", "--json", given=json.dumps(wire))

        assert json.loads(result.output)["summary"] == "Somebody made an account"

    def test_shows_no_half_characters(self) -> None:
        result = run("check", "-", given=json.dumps({"topic": "a.b.c.\ud83d\x1b[31m.x", "msg": {}}))

        assert result.exit_code == 0
        assert result.output.startswith("? [31m.x ")

    @pytest.mark.parametrize(("line", "sentence"), [
        ("{", "isn't JSON: Expecting property name"),
        ("nonsense", "isn't JSON: Expecting value"),
        ("[" * 100_000, "isn't JSON: "),
        ("[1]", "is neither a message nor an object with one"),
        ('"text"', "is neither a message nor an object with one"),
        ('{"message": 3}', "is neither a message nor an object with one"),
    ])
    def test_what_is_no_message_gets_one_sentence_with_its_line(self, line: str, sentence: str) -> None:
        said = refusal(run("check", "-", "--json", given=f"\n{line}\n"))

        assert said.startswith(f"<stdin>, line 2: {sentence}")

    def test_what_is_no_text_gets_one_sentence(self, tmp_path: Path) -> None:
        path = tmp_path / "messages.jsonl"
        path.write_bytes(b"\xff\xfe")

        assert refusal(run("check", str(path))) == f"{path}: isn't text in UTF-8: invalid start byte"

    def test_a_file_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        result = run("check", str(tmp_path / "nothing.jsonl"))

        assert result.exit_code == 2
        assert "nothing.jsonl': No such file or directory" in result.output

    @pytest.mark.parametrize(("content", "sentence"), [
        ([], "must be a JSON object that maps names to accounts"),
        ({"mary_": 3}, "must be a JSON object that maps names to accounts"),
    ])
    def test_aliases_of_another_shape_get_one_sentence(
        self, tmp_path: Path, content: object, sentence: str,
    ) -> None:
        path = written(tmp_path, content)

        assert refusal(run("check", "-", "--aliases", path)) == f"{path}: {sentence}"

    @pytest.mark.parametrize("content", [b"", b"{", b"\xff"])
    def test_aliases_that_are_no_json_get_one_sentence(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "aliases.json"
        path.write_bytes(content)

        assert refusal(run("check", "-", "--aliases", str(path))).startswith(f"{path}: isn't JSON: ")
