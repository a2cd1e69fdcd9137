"""Whether a disk takes a file, and what is said where it does not."""

from __future__ import annotations

import errno
import socket
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from tests.adapters.store_samples import NOW, alert
from worker.adapters.disk import Room, room
from worker.adapters.store import Store
from worker.errors import StoreError, StoreUnavailable


def full(monkeypatch: pytest.MonkeyPatch, code: int = errno.ENOSPC) -> None:
    """Let no file be made."""

    def refuse(**_: object) -> None:
        raise OSError(code, "No space left on device")

    monkeypatch.setattr("worker.adapters.disk.tempfile.TemporaryFile", refuse)


def test_a_disk_with_room_takes_a_file_and_keeps_none(tmp_path: Path) -> None:
    found = room(tmp_path)
    assert (found.fault, found.full) == ("", False)
    assert 0 < found.free <= found.total
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("code", "is_full"), [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EACCES, False)])
def test_want_of_room_is_told_from_other_faults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, is_full: bool
) -> None:
    full(monkeypatch, code)
    found = room(tmp_path)
    assert (bool(found.fault), found.full) == (True, is_full)


def test_a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    assert room(tmp_path / "none").fault


@pytest.mark.parametrize(
    ("free", "total", "low"), [(2**30, 100 * 2**30, False), (2**27, 100 * 2**30, True), (2**27, 2**30, False)]
)
def test_low_is_a_share_of_small_disks_and_an_amount_of_large_ones(free: int, total: int, low: bool) -> None:
    assert Room(Path(), free, total).low is low


def test_containers_of_one_machine_call_a_folder_s_disk_by_one_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "boot").write_text("4f1c\n", encoding="ascii")
    monkeypatch.setattr("worker.adapters.disk._BOOT", tmp_path / "boot")
    assert {Room(tmp_path, 1, 1, host=host).name for host in ("a", "b")} == {f"4f1c:{tmp_path}"}
    # Where there is no such kernel, the host's own name has to do.
    monkeypatch.setattr("worker.adapters.disk._BOOT", tmp_path / "none")
    assert Room(tmp_path, 1, 1).name == f"{socket.gethostname()}:{tmp_path}"


def test_a_store_without_room_names_its_file_its_size_and_the_remedy(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'store.db'}")
    store.migrate()
    with store.read() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()

    def fill() -> None:
        with store.write() as connection:
            # SQLite's own limit makes the very error that a full disk does.
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
            row = "INSERT INTO entry_key (key, feed_id, seen_at) VALUES (?, 'f', '2026-03-02')"
            for number in range(200):
                connection.exec_driver_sql(row, (f"{number:0200d}",))

    with pytest.raises(StoreError) as caught:
        fill()
    text = str(caught.value)
    assert not isinstance(caught.value, StoreUnavailable)
    assert all(word in text for word in (str(tmp_path / "store.db"), "MB", "is full", "free some space", "free of"))
    store.close()


def test_an_input_error_is_called_a_full_disk_only_where_it_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(f"sqlite:///{tmp_path / 'store.db'}")
    store.migrate()

    def broken() -> None:
        # What the driver says where its index of the log finds no room.
        with store.write():
            raise OperationalError("BEGIN IMMEDIATE", {}, sqlite3.OperationalError("disk I/O error"))

    with pytest.raises(StoreUnavailable, match="cannot be used"):
        broken()
    full(monkeypatch)
    with pytest.raises(StoreError, match="is full"):
        broken()
    monkeypatch.undo()
    assert store.add_alert(alert(), NOW) == ("alert-1",)
    store.close()
