"""`scan --explain`: why an article is, or is not, a deal, in ten seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from worker.cli.session import Session
    from worker.model import Article


def show(article: Article, here: Session) -> None:
    """Print sentences with their mentions and quantities, frames, flows and reasons of one article."""
    raise NotImplementedError
