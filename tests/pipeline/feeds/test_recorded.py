"""Recorded feeds and other parsers' test documents, where the folder with them is at hand."""

from __future__ import annotations

import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

from tests.pipeline.feeds.samples import BASE, FEED, NOW
from worker.errors import ParseError
from worker.model import Cause, ParsedFeed
from worker.pipeline.feeds import parse

# The slowest document took 0.1 s on the machine of 2026; this is the bound for a busy one.
SLOWEST_S = 5.0


def outcome(path: Path) -> ParsedFeed | str:
    started = time.process_time()
    try:
        found: ParsedFeed | str = parse(path.read_bytes(), feed=FEED, content_type="", base=BASE, now=NOW)
    except ParseError as error:
        found = error.cause
    assert time.process_time() - started < SLOWEST_S, path
    return found


def documents(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix not in (".md", ".tsv", ".txt") and path.is_file())


class TestRecorded:
    def test_ninety_feeds_are_read_whole(self, extra: Path) -> None:
        rows = [line.split("\t") for line in (extra / "feeds/real/MANIFEST.tsv").read_text().splitlines()[1:]]
        expected = {row[0]: int(row[4]) for row in rows if row[0].startswith("snapshots/")}
        assert len(expected) == 90
        for name, count in expected.items():
            found = outcome(extra / "feeds/real" / name)
            assert isinstance(found, ParsedFeed), name
            assert len(found.entries) == count, name
            assert all(entry.title for entry in found.entries), name
            # One take is of a morning on which a system wrote neither links nor dates.
            whole = sum(bool(entry.url and entry.published) for entry in found.entries)
            assert whole == (0 if name == "snapshots/2024-01-30T1037/franceinfo-eco.xml" else count), name
            assert not any("<" in entry.title or "\ufffd" in entry.title for entry in found.entries), name

    def test_four_other_answers_are_told_by_cause(self, extra: Path) -> None:
        found = {path.name: outcome(path) for path in documents(extra / "feeds/real/not-a-feed")}
        assert Counter(found.values()) == {Cause.HTML: 3, Cause.EMPTY: 1}

    def test_the_same_items_keep_their_identity_from_take_to_take(self, extra: Path) -> None:
        takes = sorted((extra / "feeds/real/snapshots").iterdir())
        kept = 0
        for before, after in pairwise(takes):
            for path in sorted(before.iterdir()):
                old, new = outcome(path), outcome(after / path.name)
                assert isinstance(old, ParsedFeed)
                assert isinstance(new, ParsedFeed)
                guids = {entry.guid: entry for entry in old.entries}
                for entry in new.entries:
                    if entry.guid in guids:
                        kept += 1
                        assert set(entry.keys) & set(guids[entry.guid].keys), (path.name, entry.url)
        assert kept > 500

    def test_torture_documents_never_raise(self, extra: Path) -> None:
        found = [outcome(path) for path in documents(extra / "feeds/torture")]
        assert len(found) > 2_700
        assert sum(isinstance(one, ParsedFeed) for one in found) > 2_700
        assert sum(len(one.entries) for one in found if isinstance(one, ParsedFeed)) > 1_200
        assert Counter(one for one in found if isinstance(one, str)).keys() <= {
            Cause.HTML,
            Cause.EMPTY,
            Cause.NOT_A_FEED,
        }
