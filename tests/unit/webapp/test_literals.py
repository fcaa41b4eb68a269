"""Commands and settings are set as code in all problems of an installation."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator

import pytest
from markupsafe import Markup

from fmn.monitoring import system_problems
from webapp.literals import with_literals


def sentences() -> Iterator[str]:
    """The problems' sentences that name something of FMN's."""
    constants = (
        node.value for node in ast.walk(ast.parse(inspect.getsource(system_problems)))
        if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return (text.replace("{channel}", "irc") for text in constants if re.search("fmn [a-z]", text))


@pytest.mark.parametrize("sentence", list(sentences()))
def test_every_command_is_code(sentence: str) -> None:
    assert "fmn" not in re.sub("<code>.*?</code>", "", with_literals(sentence))


def test_what_is_around_it_is_escaped_and_stays() -> None:
    assert with_literals("see <it>; run fmn messages list, then set fmn.irc.*.") == Markup(
        "see &lt;it&gt;; run <code>fmn messages list</code>, then set <code>fmn.irc.*</code>.")
    assert with_literals("fmn upstream") == "fmn upstream"
