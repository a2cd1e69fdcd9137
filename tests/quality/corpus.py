"""Labelled files as rows and articles."""

from __future__ import annotations

import json
import os
import random
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from worker import settings
from worker.model import Article

# Whom each description and pronoun of some articles means: not a slice, hence its other ending.
REFERENTS = Path(__file__).parent / "referents.ndjson"


def tables() -> dict[str, Any]:
    """Return the packaged companies, lexicon and weights, as Detector.from_tables takes them."""
    folder = settings.packaged()
    found: dict[str, Any] = {
        name: tomllib.loads((folder / f"{name}.toml").read_text("utf-8")) for name in ("companies", "lexicon")
    }
    return {**found, "weights": json.loads((folder / "detector.json").read_text("utf-8"))}


def article_of(row: dict[str, Any]) -> Article:
    """Return a labelled line as an article."""
    published = datetime.fromisoformat(row["published"])
    return Article(
        id=row["id"],
        title=row["title"],
        summary=row.get("summary") or "",
        text=row.get("text") or "",
        published=published if published.tzinfo else published.replace(tzinfo=UTC),
    )


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    """Return the lines of a labelled file."""
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


def headlines(count: int, seed: int) -> list[dict[str, Any]]:
    """Return so many ordinary headlines, the same for the same seed, where they are to be had."""
    extra = os.environ.get("GIGAWATCH_EXTRA", "")
    path = Path(extra) / "corpus" / "real-headlines.jsonl"
    if not extra or not path.is_file():
        print("without ordinary headlines: GIGAWATCH_EXTRA does not name their folder")
        return []
    found = list(rows_of(path))
    return random.Random(seed).sample(found, min(count, len(found)))
