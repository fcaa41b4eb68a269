from __future__ import annotations

import os
import pwd

import pytest

from fmn.cli.current_operator import current_operator


def test_is_called_by_the_name_of_the_account_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("LOGNAME", "USER", "USERNAME"):
        monkeypatch.setenv(name, "mallory")
    assert current_operator("fmn prefs") == f"{pwd.getpwuid(os.getuid()).pw_name} (fmn prefs)"


def test_is_called_by_its_number_where_it_has_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 3_999_999_999)
    assert current_operator("fmn prefs") == "uid 3999999999 (fmn prefs)"
