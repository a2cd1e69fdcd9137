"""What the damaged news is made from: the project's own articles, and whole documents from outside where named."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import texts
from tests.month import script as month
from tests.quality import corpus
from worker import settings
from worker.demo import script as demo
from worker.demo.script import Piece

_QUALITY = Path(corpus.__file__).parent
_ORDINARY = 3  # for each article that speaks of money or machines


def pieces() -> list[Piece]:
    """Return the articles of the demo, of the month and of the labelled files that the project owns."""
    told = [(p.title, p.summary, p.text) for p in demo.load(settings.packaged() / "demo" / "newsroom.toml").pieces]
    told += [(one.title, one.summary, one.text) for one in month.load().articles]
    for path in sorted(_QUALITY.glob("own*.jsonl")):
        for row in corpus.rows_of(path):
            article = corpus.article_of(row)
            told.append((article.title, article.summary, article.text))
    # Most of what a feed brings is no deal, and is let go before its page is asked for.
    told += [(title, summary, summary) for title, summary in texts.items(_ORDINARY * len(told), seed=1)]
    now = datetime.now(UTC)
    return [
        Piece(f"n{n}", "journal", 0, "", title, summary, text, "Camille Aubry").dated(now)
        for n, (title, summary, text) in enumerate(told)
    ]


def documents() -> list[bytes]:
    """Return feed documents of others, from the folder that GIGAWATCH_EXTRA names; none where it names none."""
    extra = os.environ.get("GIGAWATCH_EXTRA", "")
    if not extra:
        return []
    folders = (Path(extra) / "feeds" / name for name in ("real", "torture"))
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    return [path.read_bytes()[:400_000] for path in files if path.suffix not in (".md", ".tsv", ".txt")]
