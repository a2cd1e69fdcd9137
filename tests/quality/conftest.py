"""Verdicts on the labelled slices, reached once in a run of the tests, whichever of its processes asks first."""

from __future__ import annotations

import os
import pickle
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.quality.corpus import article_of, rows_of, tables
from worker.model import Verdict
from worker.pipeline.detection import Detector


class Judged:
    """What the detector says of each slice. folder: one for all processes of the run."""

    def __init__(self, detector: Detector, folder: Path) -> None:
        self.detector = detector
        self._folder = folder
        self._known: dict[str, Mapping[str, Verdict]] = {}

    def of(self, path: Path) -> Mapping[str, Verdict]:
        """Return the verdicts on a slice by article."""
        if path.stem not in self._known:
            self._known[path.stem] = self._kept(path)
        return self._known[path.stem]

    def _kept(self, path: Path) -> dict[str, Verdict]:
        kept = self._folder / f"{path.stem}.pickle"
        if kept.is_file():
            found: dict[str, Verdict] = pickle.loads(kept.read_bytes())
            return found
        found = {row["id"]: self.detector.judge(article_of(row)) for row in rows_of(path)}
        # Two processes may both have judged it; neither may read half of what the other writes.
        whole = kept.with_suffix(f".{os.getpid()}")
        whole.write_bytes(pickle.dumps(found))
        whole.replace(kept)
        return found


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """The packaged detector's verdicts."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own) / "judged"
    folder.mkdir(exist_ok=True)
    return Judged(Detector.from_tables(**tables()), folder)
