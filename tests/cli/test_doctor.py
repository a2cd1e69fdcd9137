"""`doctor`, `healthcheck`, `config`, `alerts test`, and the border where errors become messages."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command

from tests.cli.conftest import Run, World
from worker import __version__
from worker.adapters.store import Store
from worker.adapters.store.migrate import _config
from worker.cli import exits, main
from worker.cli.app import hoisted
from worker.errors import BrokerUnavailable, ConfigError, DeliveryError, FetchError, StoreError, UsageError


def _states(answer_json: list[dict[str, str]]) -> dict[str, str]:
    return {row["check"]: row["state"] for row in answer_json}


def test_doctor_reaches_every_part(run: Run, world: World) -> None:
    run("migrate", config=world.config)
    answer = run("doctor", "--json", config=world.config)
    states = _states(answer.json)
    assert answer.code == 0
    assert states == {
        "config": "ok", "detector": "ok", "store": "ok", "disk": "ok", "broker": "note", "daemon": "note",
        "canary": "note", "silence": "ok", "smtp": "ok",
        "webhook": "ok", "feed": "ok", "clock": "ok",
    }  # fmt: skip


def test_tables_of_an_earlier_version_are_named_with_what_to_do(
    run: Run, world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    store = Store(url)
    with store.write() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0012")
    with pytest.raises(StoreError, match="run `gigawatch migrate`"):
        store.claim("read", [1], now=datetime.now(UTC), lease_s=60)
    store.close()
    monkeypatch.setenv("GIGAWATCH_DATABASE_URL", url)
    (found,) = (row for row in run("doctor", "--json", config=world.config).json if row["check"] == "store")
    assert (found["state"], "0012" in found["detail"], "migrate" in found["todo"]) == ("note", True, True)
    run("migrate", config=world.config)
    (found,) = (row for row in run("doctor", "--json", config=world.config).json if row["check"] == "store")
    assert found["state"] == "ok"


def test_doctor_names_what_is_down(run: Run, world: World) -> None:
    world.mails.stop()
    world.hooks.stop()
    answer = run("doctor", "--json", config=world.config)
    states = _states(answer.json)
    assert answer.code == exits.FAILED
    assert (states["smtp"], states["webhook"]) == ("fault", "fault")
    assert all(row["todo"] for row in answer.json if row["state"] == "fault")


def test_doctor_shows_every_configuration_fault(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "gigawatch.toml").write_text('[polling]\nmin_intervall = "1m"\n[smtp]\nport = "x"\n')
    answer = run("doctor", "--json", config=folder)
    assert answer.code == exits.USAGE
    assert len(answer.json) == 2
    assert "min_interval" in answer.json[0]["detail"]
    for words in (("stories", "list"), ("migrate",), ("scan", "x.txt", "--json")):
        told = run(*words, config=folder)
        assert told.code == exits.USAGE or words[0] == "scan"
        assert "Traceback" not in told.err
    assert "gigawatch.toml:2" in run("config", "check", config=folder).err


def test_an_unreachable_store_is_down_and_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIGAWATCH_DATABASE_URL", "sqlite:////proc/nowhere/x.db")
    answer = run("stories", "list")
    assert (answer.code, "Traceback" in answer.err) == (exits.DOWN, False)
    assert _states(run("doctor", "--json", "--offline").json)["store"] == "fault"


def test_an_unreachable_broker_is_down(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIGAWATCH_BROKER_URL", "redis://127.0.0.1:1/0")
    answer = run("doctor", "--json", "--offline")
    assert (answer.code, _states(answer.json)["broker"]) == (exits.DOWN, "fault")


def test_healthcheck_is_red_where_nothing_runs(run: Run) -> None:
    run("migrate")
    answer = run("healthcheck", "--json")
    assert (answer.code, answer.json["ok"]) == (exits.DOWN, False)


def test_alerts_test_reaches_every_recipient(run: Run, world: World) -> None:
    answer = run("alerts", "test", "--json", config=world.config)
    assert answer.code == 0
    # The console channel prints its alert above the answer.
    assert [hook.content["type"] for hook in world.hooks.hooks()] == ["test"]
    assert world.hooks.hooks()[0].verified
    assert len(world.mails.mails()) == 1
    one = run("alerts", "test", "redaction", "--json", config=world.config)
    assert [(row["recipient"], row["ok"]) for row in one.json] == [("redaction", True)]
    unknown = run("alerts", "test", "personne", config=world.config)
    assert (unknown.code, "personne" in unknown.err) == (2, True)
    world.hooks.stop()
    failed = run("alerts", "test", "automate", "--json", config=world.config)
    assert (failed.code, failed.json[0]["ok"]) == (exits.FAILED, False)


def test_lists_are_empty_but_well_formed_at_first(run: Run) -> None:
    for words in (("stories", "list"), ("stories", "rejected"), ("alerts", "list")):
        assert run(*words, "--json").json == []
        assert run(*words).code == 0
    assert run("stories", "show", "abc").code == 2
    assert run("alerts", "retry").code == 2
    assert run("alerts", "retry", "abc").code == 2
    assert run("alerts", "retry", "--all").code == 0
    assert run("alerts", "list", "--state", "lost").code == 2


def test_the_dump_hides_secrets(run: Run, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIGAWATCH_DATABASE_URL", "postgresql://me:hunter2@db.example/x")
    for form in ((), ("--json",)):
        answer = run("config", "dump", *form, config=world.config)
        assert answer.code == 0
        assert "hunter2" not in answer.out + answer.err
        assert "whsec_" not in answer.out
        assert "db.example" in answer.out


def test_config_check_counts(run: Run, world: World) -> None:
    assert "5 flux, 3 destinataire(s), 1 règle(s)" in run("config", "check", config=world.config).out


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"gigawatch {__version__}\n"
    assert main(["--help"]) == 0
    assert "doctor" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["nonsense"], ["feeds", "test"], ["eval", "--errors", "x"], ["up", "--nope"]])
def test_wrong_usage_is_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == exits.USAGE
    seen = capsys.readouterr()
    assert seen.out == ""
    assert "Traceback" not in seen.err


def test_unknown_queues_are_named(run: Run) -> None:
    answer = run("worker", "--queues", "poll,nope")
    assert (answer.code, "nope" in answer.err) == (exits.USAGE, True)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError(()), exits.USAGE),
        (UsageError("x"), exits.USAGE),
        (StoreError("x"), exits.DOWN),
        (BrokerUnavailable("x"), exits.DOWN),
        (FetchError("dns", "x"), exits.FAILED),
        (DeliveryError("x"), exits.FAILED),
    ],
)
def test_each_kind_of_trouble_has_its_code(error: Exception, code: int) -> None:
    assert exits.code_of(error) == code  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (["up", "--data", "x"], ["--data", "x", "up"]),
        (["feeds", "list", "--config=c", "-v"], ["--config=c", "-v", "feeds", "list"]),
        (["demo", "--data", "x"], ["demo", "--data", "x"]),
        (["scan", "--", "--data"], ["scan", "--", "--data"]),
        (["up", "--data"], ["--data", "up"]),
    ],
)
def test_global_options_may_stand_behind_the_command(given: list[str], wanted: list[str]) -> None:
    assert hoisted(given) == wanted


def test_a_closed_pipe_is_no_traceback(tmp_path: Path) -> None:
    command = f"{sys.executable} -m worker --data {tmp_path} feeds list --json | head -c 1"
    seen = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert seen.stdout == "["
    assert "Traceback" not in seen.stderr
    assert "BrokenPipe" not in seen.stderr
