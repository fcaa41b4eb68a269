from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from fmn.cli.publish import publish
from fmn.settings import PublishSettings, Settings
from tests.servers.ports import free_port


def run(*arguments: str, given: str = "", endpoint: str | None = None) -> Result:
    settings = Settings(publish=PublishSettings(
        endpoint=endpoint or f"tcp://127.0.0.1:{free_port()}", settle_seconds=0.001))
    return CliRunner().invoke(publish, arguments, input=given, obj=settings)


def test_it_says_what_was_published() -> None:
    result = run("bodhi.update.comment", '{"n": 1}')

    assert result.exit_code == 0
    assert result.output.startswith("Published 20")
    assert result.output.endswith(" as org.fedoraproject.dev.bodhi.update.comment.\n")


def test_the_message_may_come_from_standard_input() -> None:
    assert run("a.b", "-", given='{"n": 1}\n').exit_code == 0
    assert "the message isn't JSON" in run("a.b", "-", given="").output


@pytest.mark.parametrize("text", ["hello", "{", "", "{'n': 1}", "[" * 100_000])
def test_what_is_no_json_gets_one_sentence(text: str) -> None:
    result = run("a.b", text)

    assert result.exit_code == 1
    assert result.output.startswith("Error: the message isn't JSON: ")
    assert result.output.count("\n") == 1


@pytest.mark.parametrize(("topic", "message", "endpoint", "sentence"), [
    ("", "{}", None, "Error: '' can't be a topic: "),
    ("a.b", "NaN", None, "Error: the message has no JSON form: "),
    ("a.b", "{}", "nonsense", "Error: fmn.publish.endpoint: can't bind nonsense: Invalid argument"),
])
def test_what_else_is_wrong_gets_one_sentence_too(
        topic: str, message: str, endpoint: str | None, sentence: str) -> None:
    result = run(topic, message, endpoint=endpoint)

    assert result.exit_code == 1
    assert result.output.startswith(sentence)
    assert result.output.count("\n") == 1


def test_a_wait_is_a_positive_number_of_seconds() -> None:
    assert run("a.b", "{}", "--wait", "0.01").exit_code == 0
    assert run("a.b", "{}", "--wait", "0").exit_code == 2
    assert run("a.b", "{}", "--wait", "soon").exit_code == 2
