"""Verdicts on the labelled slices, which the processes of a run of the tests share."""

from __future__ import annotations

import os
import pickle
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.quality.corpus import article_of, rows_of
from worker import settings as configuration
from worker.model import Verdict
from worker.pipeline.detection import Detector
from worker.runtime import load_detector

HERE = Path(__file__).resolve().parent


class Judged:
    """What the detector says of each slice. folder: one for all processes of the run."""

    def __init__(self, detector: Detector, folder: Path) -> None:
        self.detector = detector
        self._folder = folder
        self._known: dict[Path, Mapping[str, Verdict]] = {}

    def of(self, path: Path) -> Mapping[str, Verdict]:
        """Return the verdicts on a slice by article."""
        if path not in self._known:
            self._known[path] = self._kept(path)
        return self._known[path]

    def _kept(self, path: Path) -> dict[str, Verdict]:
        kept = self._folder / f"{'.'.join(path.relative_to(HERE).parts)}.pickle"
        if kept.is_file():
            found: dict[str, Verdict] = pickle.loads(kept.read_bytes())
            return found
        found = {row["id"]: self.detector.judge(article_of(row)) for row in rows_of(path)}
        # Two processes that ask at once both judge it; neither may read half of what the other writes.
        whole = kept.with_suffix(f".{os.getpid()}")
        whole.write_bytes(pickle.dumps(found))
        whole.replace(kept)
        return found


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """The verdicts of the detector with the packaged configuration."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own) / "judged"
    folder.mkdir(exist_ok=True)
    overrides = {"general": {"data": tmp_path_factory.mktemp("data")}}
    settings = configuration.load(config=configuration.packaged(), environ={}, overrides=overrides)
    return Judged(load_detector(settings), folder)
