from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from fmn.delivery.email.settings import EmailSettings
from fmn.settings import CONFIG_VARIABLE, Settings, SettingsError, known_keys, load_settings, settings_from
from fmn.settings.loader import _invalid, check_settings, installed_settings, secret_keys

PROJECT = Path(__file__).parents[4]


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "fmn.ini"
    path.write_text(text, encoding="utf-8")
    return path


def load(tmp_path: Path, text: str = "", environ: Mapping[str, str] | None = None) -> Settings:
    return load_settings(written(tmp_path, f"[app:main]\n{text}\n"), environ or {})


def problems(tmp_path: Path, text: str = "", environ: Mapping[str, str] | None = None) -> list[str]:
    """What's wrong with the settings, without the name of the file in front."""
    with pytest.raises(SettingsError) as raised:
        load(tmp_path, text, environ)
    return str(raised.value).replace(f"{tmp_path / 'fmn.ini'}: ", "").splitlines()


class TestReading:
    def test_without_any_setting_everything_is_embedded(self, tmp_path: Path) -> None:
        settings = load(tmp_path)
        assert settings == settings_from({})
        assert (settings.broker.url, settings.cache.url) == ("memory://", "memory://")

    def test_gives_typed_values(self, tmp_path: Path) -> None:
        settings = load(tmp_path, """
            fmn.bus.topics = org.example. org.other.
            fmn.bus.ca_file = /etc/fmn/ca.pem
            fmn.bus.crl_file =
            fmn.bus.batch_messages = 7
            fmn.bus.routing_nitpicky = true
            fmn.web.secret = 100%% secret
            """.replace("            ", ""))
        assert settings.bus.topics == ("org.example.", "org.other.")
        assert (settings.bus.ca_file, settings.bus.crl_file) == (Path("/etc/fmn/ca.pem"), None)
        assert (settings.bus.batch_messages, settings.bus.routing_nitpicky) == (7, True)
        assert settings.web.secret == "100% secret"

    def test_lists_may_have_a_line_for_each_value(self, tmp_path: Path) -> None:
        assert load(tmp_path, "fmn.bus.topics =\n  org.example.\n  org.other.").bus.topics == (
            "org.example.", "org.other.")

    def test_here_is_the_folder_of_the_file(self, tmp_path: Path) -> None:
        settings = load(tmp_path, "fmn.database.url = sqlite:///%(here)s/fmn.sqlite")
        assert settings.database.url == f"sqlite:///{tmp_path}/fmn.sqlite"

    def test_the_environment_wins(self, tmp_path: Path) -> None:
        settings = load(tmp_path, "fmn.delivery.chunk = 7\nfmn.sweep.seconds = 7",
                        {"FMN_DELIVERY_CHUNK": "9", "HOME": "/root"})
        assert (settings.delivery.chunk, settings.sweep.seconds) == (9, 7)

    def test_the_environment_may_name_the_file(self, tmp_path: Path) -> None:
        path = written(tmp_path, "[app:main]\nfmn.delivery.chunk = 7\n")
        assert load_settings(environ={CONFIG_VARIABLE: str(path)}).delivery.chunk == 7

    def test_settings_of_others_are_theirs(self, tmp_path: Path) -> None:
        text = "pyramid.reload = true\nuse = egg:webapp\n[server:main]\nlisten = *:1\n[loggers]\nkeys=%(x)s"
        assert load(tmp_path, text) == settings_from({})

    def test_a_web_app_is_given_the_same(self) -> None:
        assert settings_from({"fmn.delivery.chunk": "7", "pyramid.reload": "true"}).delivery.chunk == 7

    def test_a_web_app_hears_of_the_environment_too(self) -> None:
        given = {"fmn.delivery.chunk": "7", "fmn.web.secret": "of the file"}
        settings = settings_from(given, environ={"FMN_WEB_SECRET": "of the environment", "HOME": "/"})
        assert (settings.delivery.chunk, settings.web.secret) == (7, "of the environment")

    def test_cannot_be_changed(self) -> None:
        with pytest.raises(ValueError, match="frozen"):
            Settings().delivery.chunk = 7


class TestProblems:
    def test_an_unknown_key_is_refused_by_name_with_a_suggestion(self, tmp_path: Path) -> None:
        assert problems(tmp_path, "fmn.delivery.chunks = 7") == [
            "fmn.delivery.chunks is not a setting; did you mean fmn.delivery.chunk?"]

    def test_an_unknown_key_that_is_like_no_other_is_refused_by_name(self, tmp_path: Path) -> None:
        assert problems(tmp_path, "fmn.qqq = 7") == ["fmn.qqq is not a setting"]

    def test_an_unknown_variable_is_refused_by_name_with_a_suggestion(self, tmp_path: Path) -> None:
        assert problems(tmp_path, environ={"FMN_DELIVERY_CHUNKS": "7"}) == [
            "the environment: FMN_DELIVERY_CHUNKS is not a setting; did you mean FMN_DELIVERY_CHUNK?"]

    def test_every_problem_is_told_at_once(self, tmp_path: Path) -> None:
        found = problems(
            tmp_path, "fmn.delivery.chunk = none\nfmn.nonsense = 1\nfmn.sweep.seconds = 0",
            {"FMN_LOG_LEVEL": "loud"})
        assert len(found) == 4
        for key in ("fmn.delivery.chunk", "fmn.nonsense", "fmn.sweep.seconds", "fmn.log.level"):
            assert len([line for line in found if key in line]) == 1

    @pytest.mark.parametrize(("setting", "problem"), [
        ("fmn.delivery.chunk = many",
         ("fmn.delivery.chunk = 'many' can't be used: input should be a valid integer, "
          "unable to parse string as an integer")),
        ("fmn.delivery.chunk = 0", "fmn.delivery.chunk = '0' can't be used: input should be greater than 0"),
        ("fmn.sweep.grace_seconds = inf",
         "fmn.sweep.grace_seconds = 'inf' can't be used: input should be a finite number"),
        ("fmn.sweep.grace_seconds = nan",
         "fmn.sweep.grace_seconds = 'nan' can't be used: input should be a finite number"),
        ("fmn.bus.validate_signatures = perhaps",
         ("fmn.bus.validate_signatures = 'perhaps' can't be used: input should be a valid boolean, "
          "unable to interpret input")),
        ("fmn.log.format = xml",
         "fmn.log.format = 'xml' can't be used: input should be 'console' or 'json'"),
        ("fmn.database.url = mysql://fmn:secret@db/fmn",
         ("fmn.database.url = 'mysql://fmn:…@db/fmn' can't be used: it must begin with "
          "sqlite:/// or postgresql:// or postgresql+psycopg2://")),
        ("fmn.database.url = postgresql://fmn:secret@db:many/fmn",
         ("fmn.database.url = 'postgresql://fmn:…@db:many/fmn' can't be used: "
          "port could not be cast to integer value as 'many'")),
        ("fmn.broker.url = rabbitmq",
         "fmn.broker.url = 'rabbitmq' can't be used: it must begin with memory:// or amqp:// or amqps://"),
        *((f"fmn.web.listen = {value}",
           f"fmn.web.listen = '{value}' can't be used: it isn't a host and a port, such as 127.0.0.1:6543")
          for value in ("localhost", ":6543", "127.0.0.1:6543/fmn")),
        *((f"fmn.web.security_contact = {value}",
           (f"fmn.web.security_contact = '{value}' can't be used: they aren't contacts, "
            "such as mailto:security@example.org or https://example.org"))
          for value in ("security@example.org", "http://example.org", "https:///report", "mailto:", "tel:")),
        ("fmn.email.sender = nobody",
         ("fmn.email.sender = 'nobody' can't be used: it isn't an e-mail address of ASCII characters, "
          "such as fmn@example.org")),
    ])
    def test_a_wrong_value_is_told_in_a_sentence(self, tmp_path: Path, setting: str, problem: str) -> None:
        assert problems(tmp_path, setting) == [problem]

    def test_what_does_not_go_together_is_told_beside_all_else(self, tmp_path: Path) -> None:
        found = problems(tmp_path, """
            fmn.web.base_url = http://notifications.example.org
            fmn.web.development_login = true
            fmn.irc.sasl_username = fmn
            fmn.irc.nickserv_password = secret
            fmn.sweep.seconds = 0
            fmn.email.timeout_seconds = 61
            fmn.nonsense = 1
            """.replace("            ", ""))
        told = [
            "fmn.nonsense is not a setting", "fmn.sweep.seconds =",
            "fmn.irc.sasl_username and fmn.irc.sasl_password are",
            "fmn.irc.nickserv_password and fmn.irc.sasl_password do", "fmn.web.development_login = true lets",
            "fmn.web.base_url has to begin with https://", "fmn.delivery.claim_seconds is too short"]
        assert len(found) == len(told)
        for beginning in told:
            assert [line for line in found if line.startswith(beginning)], beginning

    def test_nothing_is_said_of_how_a_wrong_value_goes_with_others(self, tmp_path: Path) -> None:
        # Given a password that would travel in the clear with the default of what's wrong here
        found = problems(tmp_path, """
            fmn.email.host = mail.example.org
            fmn.email.username = fmn
            fmn.email.security = ssl
            """.replace("            ", ""))
        assert len(found) == 1
        assert found[0].startswith("fmn.email.security = 'ssl' can't be used")

    def test_every_percent_sign_is_told_beside_all_else(self, tmp_path: Path) -> None:
        found = problems(tmp_path, "fmn.email.password = 100%\nfmn.web.secret = 7%(x)s\nfmn.nonsense = 1")
        assert found == [
            "fmn.email.password has a % in it, which is to be written %%",
            "fmn.web.secret has a % in it, which is to be written %%", "fmn.nonsense is not a setting"]

    def test_a_value_that_the_environment_overrules_need_not_be_readable(self, tmp_path: Path) -> None:
        settings = load(tmp_path, "fmn.email.password = 100%", {"FMN_EMAIL_PASSWORD": "100%"})
        assert EmailSettings.of(settings).password == "100%"

    @pytest.mark.parametrize("key", sorted(secret_keys() - {"fmn.web.previous_secrets"}))
    def test_a_secret_is_not_told(self, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
        # Given that it's wrong for whatever reason
        section, name = key.removeprefix("fmn.").split(".")
        kind: Any = installed_settings().model_fields[section].annotation
        assert "hush" not in repr(kind.model_construct(**{name: "hush"}))
        text = _invalid({"loc": (section, name), "msg": "Something", "input": "hush"}, {})
        assert text == f"the settings: {key} = … can't be used: something"

    def test_a_value_from_the_environment_is_told_as_such(self, tmp_path: Path) -> None:
        (problem,) = problems(tmp_path, "fmn.delivery.chunk = 7", {"FMN_DELIVERY_CHUNK": "many"})
        assert problem.startswith("the environment: fmn.delivery.chunk = 'many' can't be used")

    def test_a_bus_without_an_authority_is_refused_unless_that_is_meant(self, tmp_path: Path) -> None:
        (problem,) = problems(tmp_path, "fmn.bus.endpoints = tcp://bus.example.org:9940")
        assert "fmn.bus.ca_file is missing" in problem
        load(tmp_path, "fmn.bus.endpoints = tcp://bus.example.org:9940\nfmn.bus.validate_signatures = no")

    def test_claims_that_run_out_while_the_mail_server_thinks_are_refused(self, tmp_path: Path) -> None:
        (problem,) = problems(tmp_path, "fmn.email.timeout_seconds = 61")
        assert problem.startswith("fmn.delivery.claim_seconds is too short")
        load(tmp_path, "fmn.email.timeout_seconds = 60")

    @pytest.mark.parametrize("channel", ["webhook", "webpush", "apprise"])
    def test_claims_that_run_out_while_users_servers_think_are_refused(
        self, tmp_path: Path, channel: str,
    ) -> None:
        too_long = f"fmn.{channel}.timeout_seconds = 61"
        (problem,) = problems(tmp_path, f"fmn.delivery.channels = email {channel}\n{too_long}")
        assert problem.endswith(f"at least three times as long as fmn.{channel}.timeout_seconds")
        load(tmp_path, too_long)

    def test_a_file_that_is_missing_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match=r"nowhere\.ini: can't be read: No such file or directory"):
            load_settings(tmp_path / "nowhere.ini", {})

    def test_no_file_at_all_is_told(self) -> None:
        with pytest.raises(SettingsError, match="name an ini file with --config or in FMN_CONFIG"):
            load_settings(environ={})

    def test_a_file_without_our_section_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match=r"has no \[app:main\] section"):
            load_settings(written(tmp_path, "[server:main]\n"), {})

    @pytest.mark.parametrize("text", [
        "no section", "[app:main]\nfmn.x\n", "[app:main]\n[app:main]\n", "[app:main]\na = 1\na = 2\n"])
    def test_a_file_that_is_no_ini_file_is_told_in_a_line(self, tmp_path: Path, text: str) -> None:
        with pytest.raises(SettingsError) as raised:
            load_settings(written(tmp_path, text), {})
        assert "isn't a valid ini file" in str(raised.value)
        assert "\n" not in str(raised.value)

    def test_a_percent_sign_is_told_by_name_and_without_the_secret_it_is_in(self, tmp_path: Path) -> None:
        assert problems(tmp_path, "fmn.email.password = 100%secret") == [
            "fmn.email.password has a % in it, which is to be written %%"]

    def test_bytes_that_are_no_text_are_told(self, tmp_path: Path) -> None:
        path = tmp_path / "fmn.ini"
        path.write_bytes(b"[app:main]\n# \xff\n")
        with pytest.raises(SettingsError, match="isn't a valid ini file"):
            load_settings(path, {})

    @hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
    @given(key=st.sampled_from(known_keys()), value=st.text(max_size=20))
    def test_whatever_value_gives_settings_or_sentences(self, key: str, value: str) -> None:
        with contextlib.suppress(SettingsError):
            settings_from({key: value})


class TestDocumentation:
    def test_every_setting_is_explained_in_production_ini(self) -> None:
        text = (PROJECT / "production.ini").read_text(encoding="utf-8")
        documented = re.findall(r"^#? ?(fmn\.[\w.]+) =", text, re.MULTILINE)
        assert sorted(documented) == sorted(known_keys())

    def test_it_has_each_default_or_says_what_that_is(self) -> None:
        text = (PROJECT / "production.ini").read_text(encoding="utf-8")
        # Given its values, and in their places the defaults that it names
        written = check_settings(PROJECT / "production.ini", {})
        defaults = {key: "" if default == "empty" else default
                    for default, key in re.findall(
                        r"^# Default: ([^\s,]+).*\n(fmn\.[\w.]+) =", text, re.MULTILINE)}
        assert settings_from({**written.values, **defaults}) == settings_from({})

    @pytest.mark.parametrize("name", ["development.ini", "production.ini"])
    def test_our_own_files_can_be_read(self, name: str) -> None:
        load_settings(PROJECT / name, {})
