"""`gigawatch backup` and `gigawatch restore` as an operator types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from worker.adapters.lock import only_one


@pytest.fixture(autouse=True)
def _store(run: Run) -> None:
    assert run("migrate").code == 0


def test_there_and_back(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "sauvegarde.db"
    assert "vérifiée" in run("backup", str(file)).out
    again = run("backup", str(file))
    assert (again.code, "--force" in again.err) == (2, True)
    found = run("backup", str(file), "--force", "--json").json
    assert (found["file"], found["bytes"], found["rows"]["alert"]) == (str(file), file.stat().st_size, 0)
    assert run("feeds", "add", "http://127.0.0.1:9/rss", "--no-check", "--id", "later").code == 0
    answer = run("restore", str(file))
    assert answer.code == 0
    assert "before-restore" in answer.out
    assert "later" not in run("feeds", "list", "--json").out


def test_a_restore_waits_for_nobody_who_holds_the_folder(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "copy.db"
    run("backup", str(file))
    with only_one(tmp_path / "data", todo=""):
        answer = run("restore", str(file))
    assert (answer.code, "gigawatch up" in answer.err) == (2, True)
    assert json.loads(run("restore", str(file), "--json").out)["kept"]


def test_for_postgresql_its_own_command_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIGAWATCH_DATABASE_URL", "postgresql://gw:geheim@127.0.0.1:9/watch")
    for verb, program in (("backup", "pg_dump"), ("restore", "pg_restore")):
        answer = run(verb, "copie.dump")
        assert answer.code == 2
        assert program in answer.err
        assert "geheim" not in answer.err
