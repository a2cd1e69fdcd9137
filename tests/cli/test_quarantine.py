"""`gigawatch articles quarantined` and `retry`, and what the doctor says of what was set aside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.adapters.store_samples import NOW, article, entry, feed
from tests.cli.conftest import Run
from worker.adapters.store import Store
from worker.model import FeedState


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store in which one entry and one article were set aside."""
    (tmp_path / "data").mkdir()
    opened = Store(f"sqlite:///{tmp_path / 'data' / 'gigawatch.db'}")
    opened.migrate()
    opened.sync_feeds([feed()], NOW)
    state = opened.feed("gazette")
    assert isinstance(state, FeedState)
    first, second = opened.save_poll(state, [(entry("g1"), True), (entry("g2"), True)], now=NOW, backlog=False).to_read
    opened.save_article(first, article("abc123"), now=NOW, backlog=False)
    opened.quarantine("judge", "abc123", error="judging it failed 3 times without an outcome")
    opened.quarantine("read", second, error="reading it failed 3 times without an outcome")
    return opened


def test_what_was_set_aside_is_listed(store: Store, run: Run) -> None:
    rows = {row["id"]: row for row in run("articles", "quarantined", "--json").json}
    assert set(rows) == {"abc123", "entry-2"}
    assert (rows["abc123"]["step"], rows["entry-2"]["step"]) == ("judge", "read")
    assert "without an outcome" in rows["abc123"]["error"]
    shown = run("articles", "quarantined")
    assert "entry-2" in shown.out
    assert "lecture" in shown.out
    assert "2 mis de côté" in shown.err


def test_it_is_taken_up_again_by_name_or_all_at_once(store: Store, run: Run) -> None:
    assert "1 article(s)" in run("articles", "retry", "entry-2").out
    assert [one.key for one in store.quarantined()] == ["abc123"]
    assert "1 article(s)" in run("articles", "retry", "--all").out
    assert store.quarantined() == ()
    assert "Rien" in run("articles", "quarantined").out
    due = store.ready("judge", now=datetime.now(UTC) + timedelta(days=1), limit=5, quiet_s=0)
    assert due == ("abc123",)


@pytest.mark.parametrize(("arguments", "words"), [(("x",), "x désigne 0"), ((), "--all"), (("a", "--all"), "--all")])
def test_a_wrong_name_is_refused(store: Store, run: Run, arguments: tuple[str, ...], words: str) -> None:
    answer = run("articles", "retry", *arguments)
    assert (answer.code, words in answer.err) == (2, True)
    assert store.quarantined_count() == 2


def test_the_doctor_names_them_and_says_what_to_do(store: Store, run: Run) -> None:
    findings = {one["check"]: one for one in run("doctor", "--offline", "--json").json}
    assert findings["quarantine"]["state"] == "note"
    assert "2 article(s)" in findings["quarantine"]["detail"]
    assert "entry-2" in findings["quarantine"]["detail"]
    assert "articles retry" in findings["quarantine"]["todo"]


def test_one_that_was_set_aside_is_shown_without_being_judged_again(
    store: Store, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.pipeline.detection.Detector.judge", lambda *_: pytest.fail("judged"))
    answer = run("articles", "show", "abc")
    assert answer.code == 0
    assert "sans résultat" in answer.out
    assert "--json" in answer.err


def test_in_english(store: Store, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIGAWATCH_LANG", "en")
    assert "2 set aside" in run("articles", "quarantined").err
