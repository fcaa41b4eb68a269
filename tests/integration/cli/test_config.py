"""``fmn config check`` as an administrator meets it."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from fmn.cli import main
from tests.servers.ports import free_port

PROJECT = Path(__file__).parents[3]


def check(config: Path, *options: str, **environ: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(config), "config", "check", *options], env=environ)


def written(folder: Path, *lines: str) -> Path:
    path = folder / "fmn.ini"
    path.write_text("\n".join(["[app:main]", *lines]), encoding="utf-8")
    path.chmod(0o640)
    return path


def test_our_own_production_ini_says_what_a_site_has_to_put_in() -> None:
    result = check(PROJECT / "production.ini", "--offline")
    assert result.exit_code == 1
    for key in ("fmn.database.url", "fmn.broker.url", "fmn.web.secret", "fmn.oidc.client_secret",
                "fmn.web.base_url", "fmn.bus.endpoints", "fmn.email.sender"):
        assert f"{key} " in result.output, key
    assert "fmn.irc.host" not in result.output


def test_every_problem_is_a_line_and_no_secret_is_in_it(tmp_path: Path) -> None:
    # Given everything wrong at once, and connections that nobody answers
    config = written(
        tmp_path, "fmn.sweep.seconds = 0", "fmn.nonsense = 1", "fmn.email.ca_file = /nowhere",
        f"fmn.email.port = {free_port()}", "fmn.email.password = hush-1", "fmn.email.username = fmn",
        f"fmn.broker.url = amqp://fmn:hush-2@127.0.0.1:{free_port()}/fmn",
        f"fmn.cache.url = redis://:hush-3@127.0.0.1:{free_port()}/0",
        f"fmn.database.url = postgresql://fmn:hush-4@127.0.0.1:{free_port()}/fmn",
        "fmn.irc.sasl_password = hush-5", "fmn.web.secret = hush-6")
    result = check(config, FMN_WEB_BASE_URL="https://fmn.ours.test")
    # Then it's all told, each in a line with the thing that it's about
    assert result.exit_code == 1
    wrong = [line.split(maxsplit=1)[1] for line in result.output.splitlines() if line.startswith("wrong ")]
    for beginning in (
        f"settings     {config}: fmn.nonsense is not a setting", f"settings     {config}: fmn.sweep.seconds",
        "settings     fmn.irc.sasl_username and fmn.irc.sasl_password",
        "security     fmn.web.secret has to",
        "files        fmn.email.ca_file = /nowhere isn't there", "mail server  the mail server",
        "broker       RabbitMQ can't be used", "cache        Redis can't be used",
        "database     PostgreSQL at",
    ):
        assert [line for line in wrong if line.startswith(beginning)], beginning
    assert result.output.splitlines()[-1].startswith(f"{len(wrong)} wrong, ")
    assert "hush" not in result.output


def test_offline_nobody_is_connected_to(tmp_path: Path) -> None:
    result = check(written(tmp_path, f"fmn.email.port = {free_port()}"), "--offline")
    assert "mail server" not in result.output


def test_warnings_alone_are_no_failure(tmp_path: Path) -> None:
    result = check(written(tmp_path, "fmn.web.secret = something"), "--offline")
    assert result.exit_code == 0
    assert "warning  settings     fmn.web.administrators is empty" in result.output


def test_a_file_that_is_none_is_told_in_a_line(tmp_path: Path) -> None:
    result = check(tmp_path / "nowhere.ini")
    assert result.exit_code == 1
    assert result.output == f"Error: {tmp_path}/nowhere.ini: can't be read: No such file or directory\n"


def test_a_command_that_starts_something_tells_all_of_it_at_once(tmp_path: Path) -> None:
    config = written(tmp_path, "fmn.nonsense = 1", "fmn.irc.sasl_username = fmn",
                     "fmn.web.base_url = http://fmn.ours.test")
    result = CliRunner().invoke(main, ["--config", str(config), "scheduler"])
    assert result.exit_code == 1
    assert len(result.output.splitlines()) == 3
