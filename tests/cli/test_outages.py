"""What is written while the broker or the store is away."""

from __future__ import annotations

import logging
import os
import tempfile
from pathlib import Path

import pytest
import redis

from worker.cli import outages
from worker.cli.outages import Outages


@pytest.fixture(autouse=True)
def stamps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the stamps in a place that no earlier run has used."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def record(
    name: str, text: str, *arguments: object, error: BaseException | None = None, part: str = ""
) -> logging.LogRecord:
    info = (type(error), error, None) if error is not None else None
    made = logging.LogRecord(name, logging.ERROR, "", 0, text, arguments, info)
    if part:
        made.part = part
    return made


def broker_words() -> tuple[logging.LogRecord, ...]:
    """Return what the parts say of a broker that is away, as Celery 5.7 and kombu 5.7 have it."""
    refused = redis.ConnectionError("Error 111 connecting to 127.0.0.1:6379. Connection refused.")
    scheduling = RuntimeError("Couldn't apply scheduled task tick")
    scheduling.__cause__ = refused
    return (
        record("celery.worker.consumer.consumer", "consumer: Connection to broker lost. (%r)", refused),
        record(
            "celery.worker.consumer.consumer", "consumer: Cannot connect to %s: %s.\n%s", "redis://", refused, "Later"
        ),
        record("celery.beat", "beat: Connection error: %s. Trying again in %s seconds...", refused, 2),
        record("celery.beat", "Message Error: %s\n%s", "Couldn't apply", ["a", "stack"], error=scheduling),
        record("kombu.asynchronous.hub", "Callback %r raised exception: %r", "f", refused, error=refused),
        record("gigawatch.queue", "the broker took no message (%s); the sweep asks again", refused, part="broker"),
    )


def test_one_line_for_all_that_speak_of_one_outage(tmp_path: Path) -> None:
    sieve = Outages()
    sieve.data = tmp_path
    said = [one for one in broker_words() if sieve.filter(one)]
    assert len(said) == 1
    assert "\n" not in said[0].getMessage()
    assert said[0].exc_info is None
    assert "ConnectionError" in said[0].getMessage()


@pytest.mark.parametrize("number", range(6))
def test_each_of_them_is_known_and_is_one_line(tmp_path: Path, number: int) -> None:
    sieve = Outages()
    sieve.data = tmp_path
    one = broker_words()[number]
    assert sieve.filter(one)
    assert one.getMessage().startswith("broker away: ")
    assert len(logging.Formatter("%(message)s").format(one).splitlines()) == 1


def test_a_minute_later_it_is_said_again_with_how_much_was_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outages, "EVERY_S", 0.2)
    sieve = Outages()
    sieve.data = tmp_path
    words = broker_words()
    assert [sieve.filter(one) for one in words[:4]] == [True, False, False, False]
    monkeypatch.setattr(outages, "EVERY_S", 0.0)
    assert sieve.filter(words[4])
    assert "3 more" in words[4].getMessage()


def test_the_processes_of_one_group_speak_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, elsewhere = Outages(), Outages(), Outages()
    first.data = second.data = elsewhere.data = tmp_path
    one, two, three = broker_words()[:3]
    assert (first.filter(one), second.filter(two)) == (True, False)
    stamp = outages._folder(tmp_path) / f"broker-{os.getpgrp()}"
    with monkeypatch.context() as other:
        other.setattr(os, "getpgrp", lambda: 1)
        assert elsewhere.filter(three)
    os.utime(stamp, (0, 0))
    assert second.filter(broker_words()[3])


def test_the_store_has_a_minute_of_its_own_and_all_else_passes_whole(tmp_path: Path) -> None:
    sieve = Outages()
    sieve.data = tmp_path
    assert sieve.filter(broker_words()[0])
    assert sieve.filter(record("gigawatch.tasks", "it is away", part="store"))
    assert not sieve.filter(record("sqlalchemy.pool.impl.QueuePool", "Exception terminating connection"))
    bug = record("gigawatch.poll", "polling %s failed", "x", error=ValueError("odd"))
    for _ in range(3):
        assert sieve.filter(bug)
    assert bug.exc_info is not None
    assert sieve.filter(record("celery.worker.consumer.consumer", "Received unregistered task of type %s.", "x"))
