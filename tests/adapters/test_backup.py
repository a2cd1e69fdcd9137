"""Backup and restore of a SQLite store: whole while others write, verified, atomic, never without a store."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command

from tests.adapters.store_samples import NOW, alert, feed
from worker.adapters.store import Store
from worker.adapters.store.backup import back_up, dump_command, restore, sqlite_file
from worker.adapters.store.migrate import _config, head
from worker.errors import StoreError, UsageError


def made(path: Path, alerts: int = 1) -> Path:
    store = Store(f"sqlite:///{path}")
    store.migrate()
    store.sync_feeds([feed()], NOW)
    for number in range(alerts):
        store.add_alert(alert(f"{path.stem}-{number}"), NOW)
    store.close()
    return path


def names(path: Path) -> set[str]:
    store = Store(f"sqlite:///{path}")
    found = {row.alert.id for row in store.alerts(limit=10_000_000)}
    store.close()
    return found


def left_over(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith(".") or path.name.endswith("-wal"))


def _pairs(url: str, who: int, begun: Any, stop: Any) -> None:
    store = Store(url)
    number = 0
    while not stop.is_set():
        with store.write() as connection:
            for half in "ab":
                values = {"id": f"{who}-{number:05d}-{half}", "at": NOW.replace(tzinfo=None).isoformat(" ")}
                connection.exec_driver_sql(
                    "INSERT INTO alert (id, type, rule_id, recipient_id, channel, subject, body, data, created_at,"
                    " state) VALUES (:id, 'test', 'r', 'desk', 'console', 's', 'b', '{}', :at, 'done')",
                    values,
                )
        number += 1
        begun.set()
    store.close()


def test_a_backup_is_one_moment_of_a_store_to_which_four_processes_write(tmp_path: Path) -> None:
    store = made(tmp_path / "store.db", 0)
    context = multiprocessing.get_context("spawn")
    stop, begun = context.Event(), [context.Event() for _ in range(4)]
    writers = [context.Process(target=_pairs, args=(f"sqlite:///{store}", who, begun[who], stop)) for who in range(4)]
    for writer in writers:
        writer.start()
    try:
        assert all(one.wait(120) for one in begun)
        copies = [back_up(store, tmp_path / f"copy-{number}.db") for number in range(3)]
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert all(writer.exitcode == 0 for writer in writers)
    everything = names(store)
    for copy in copies:
        held = names(copy.path)
        assert len(held) == copy.rows["alert"] > 0
        assert held <= everything
        # Both halves of each transaction, and each writer's transactions up to one without a gap.
        assert {name[:-1] for name in held if name.endswith("a")} == {name[:-1] for name in held if name.endswith("b")}
        for who in range(4):
            numbers = sorted(int(name[2:7]) for name in held if name.startswith(f"{who}-") and name.endswith("a"))
            assert numbers == list(range(len(numbers)))
    assert left_over(tmp_path) == []


def test_a_backup_is_readable_by_its_owner_alone_and_one_file(tmp_path: Path) -> None:
    store = made(tmp_path / "store.db", 3)
    found = back_up(store, tmp_path / "copy.db")
    assert stat.S_IMODE(found.path.stat().st_mode) == 0o600
    assert (found.revision, found.rows["alert"], found.rows["feed"]) == (head(), 3, 1)
    assert found.size == found.path.stat().st_size
    with closing(sqlite3.connect(found.path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert left_over(tmp_path) == []


def test_commits_that_are_still_in_the_log_are_in_the_backup(tmp_path: Path) -> None:
    path = made(tmp_path / "store.db", 0)
    store = Store(f"sqlite:///{path}")
    store.add_alert(alert("late"), NOW)
    assert Path(f"{path}-wal").stat().st_size
    back_up(path, tmp_path / "copy.db")
    store.close()
    assert names(tmp_path / "copy.db") == {"late"}


def test_a_file_that_exists_is_replaced_by_force_alone_and_stays_where_the_copy_fails(tmp_path: Path) -> None:
    store = made(tmp_path / "store.db")
    target = tmp_path / "copy.db"
    target.write_bytes(b"old")
    with pytest.raises(UsageError, match="--force"):
        back_up(store, target)
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(store.read_bytes()[:2000] + b"x" * 4000)
    with pytest.raises(StoreError):
        back_up(damaged, target, force=True)
    assert target.read_bytes() == b"old"
    back_up(store, target, force=True)
    assert names(target) == {"store-0"}
    with pytest.raises(UsageError, match="itself"):
        back_up(store, store, force=True)


@pytest.mark.parametrize("name", ["missing/copy.db", "."])
def test_a_place_that_cannot_hold_it_is_named(tmp_path: Path, name: str) -> None:
    store = made(tmp_path / "store.db")
    with pytest.raises(UsageError, match=str(tmp_path)):
        back_up(store, tmp_path / name)
    with pytest.raises(StoreError, match="no store at"):
        back_up(tmp_path / "none.db", tmp_path / "copy.db")


def test_a_restore_keeps_the_replaced_store_beside_it(tmp_path: Path) -> None:
    store = made(tmp_path / "store.db")
    back_up(store, tmp_path / "copy.db")
    opened = Store(f"sqlite:///{store}")
    opened.add_alert(alert("after"), NOW)
    opened.close()
    store.chmod(0o640)
    done = restore(tmp_path / "copy.db", store, now=NOW)
    assert (names(store), done.revision) == ({"store-0"}, head())
    assert stat.S_IMODE(store.stat().st_mode) == 0o640
    assert done.kept == tmp_path / "store.db.before-restore-20260302T093000Z"
    assert names(done.kept) == {"store-0", "after"}
    assert left_over(tmp_path) == []


def test_a_restore_into_an_empty_folder_makes_the_store(tmp_path: Path) -> None:
    copy = back_up(made(tmp_path / "store.db"), tmp_path / "copy.db").path
    (tmp_path / "new").mkdir()
    assert restore(copy, tmp_path / "new" / "gigawatch.db", now=NOW).kept is None
    assert names(tmp_path / "new" / "gigawatch.db") == {"store-0"}


def test_an_older_backup_is_brought_to_this_schema_and_leases_in_it_are_freed(tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    store = Store(f"sqlite:///{old}")
    config = _config()
    with store.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
        connection.exec_driver_sql(
            "INSERT INTO alert (id, type, rule_id, recipient_id, channel, subject, body, data, created_at, state,"
            " attempts, lease_until, next_attempt_at) VALUES ('x', 'test', 'r', 'desk', 'console', 's', 'b', '{}',"
            " '2026-03-02 09:00:00', 'open', 1, '2026-03-02 09:01:00', '2026-03-02 09:00:00')"
        )
    store.close()
    done = restore(old, tmp_path / "store.db", now=NOW)
    assert (done.copy.revision, done.revision) == ("0004", head())
    store = Store(f"sqlite:///{tmp_path / 'store.db'}")
    assert store.claim("deliver", ["x"], now=NOW, lease_s=60) == ("x",)
    assert store.crashed("deliver", ["x"], times=2) == ()
    assert store.alerts()[0].attempts == 1
    store.close()
    with closing(sqlite3.connect(old)) as untouched:
        assert untouched.execute("SELECT version_num FROM alembic_version").fetchone() == ("0004",)


def test_a_store_that_is_damaged_is_replaced_and_kept_with_all_that_belongs_to_it(tmp_path: Path) -> None:
    store = made(tmp_path / "store.db")
    copy = back_up(store, tmp_path / "copy.db").path
    store.write_bytes(b"SQLite format 3\0" + b"?" * 5000)
    Path(f"{store}-wal").write_bytes(b"frames of the damaged one")
    done = restore(copy, store, now=NOW)
    assert names(store) == {"store-0"}
    assert done.kept is not None
    assert done.kept.read_bytes().endswith(b"??")
    assert left_over(tmp_path) == []


def _spoil(path: Path, how: str) -> None:
    if how == "text":
        path.write_text("no database")
    elif how == "foreign":
        path.unlink()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE other (id)")
    elif how == "newer":
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
            connection.commit()
    elif how == "cut":
        os.truncate(path, path.stat().st_size // 2)
    elif how == "log":
        Path(f"{path}-wal").write_bytes(b"frames")


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("text", "no SQLite"),
        ("foreign", "no store of"),
        ("newer", "newer"),
        ("cut", "damaged"),
        ("log", "gigawatch backup"),
    ],
)
def test_what_is_no_whole_backup_is_refused_and_the_store_stays(tmp_path: Path, how: str, words: str) -> None:
    store = made(tmp_path / "store.db")
    copy = back_up(store, tmp_path / "copy.db").path
    before = store.read_bytes()
    _spoil(copy, how)
    with pytest.raises((StoreError, UsageError), match=words):
        restore(copy, store, now=NOW)
    assert store.read_bytes() == before
    assert left_over(tmp_path) == (["copy.db-wal"] if how == "log" else [])


def test_a_store_that_some_process_has_open_is_not_replaced(tmp_path: Path) -> None:
    path = made(tmp_path / "store.db")
    copy = back_up(path, tmp_path / "copy.db").path
    store = Store(f"sqlite:///{path}")
    store.feeds()
    with pytest.raises(UsageError, match="open"):
        restore(copy, path, now=NOW)
    store.add_alert(alert("still"), NOW)
    store.close()
    assert names(path) == {"store-0", "still"}


def test_the_commands_for_postgresql_name_everything_but_the_password() -> None:
    url = "postgresql+psycopg://gw:geheim@db.example/watch"
    assert sqlite_file(url) is None
    for again, program in ((False, "pg_dump"), (True, "pg_restore")):
        line = dump_command(url, Path("my file"), restore=again)
        assert line.startswith(program)
        assert "postgresql://gw@db.example/watch" in line
        assert "'my file'" in line or "'--file=my file'" in line
        assert "geheim" not in line
