"""Train config/detector.json: logistic regression over the detector's features, with cross-validated figures.

    python -m tests.quality.train [--write] [FILE.jsonl ...]

FILES are labelled articles (default: every slice in this folder). Where GIGAWATCH_EXTRA names the folder with the ordinary
headlines, a sample of them counts as articles that are no deal. Needs scikit-learn (extra `dev`); the daemon does not.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from worker import settings
from worker.model import Article
from worker.pipeline.detection import Detector

HERE = Path(__file__).parent
HEADLINES = 3_000
# Headlines are many and short: together they weigh as much as a third of the labelled articles.
HEADLINES_SHARE = 0.33
STRENGTH = 0.25
SEED = 20261125


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


def detector() -> Detector:
    """Return a detector with whatever weights there are: features do not depend on them."""
    folder = settings.packaged()
    tables = {name: tomllib.loads((folder / f"{name}.toml").read_text("utf-8")) for name in ("companies", "lexicon")}
    return Detector.from_tables(**tables, weights={"bias": 0, "threshold": 0.5, "weights": {}})


def main() -> int:
    """Run as a program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--write", action="store_true", help="write config/detector.json")
    asked = parser.parse_args()
    reader = detector()
    rows = [row for path in asked.files or sorted(HERE.glob("*.jsonl")) for row in rows_of(path)]
    rows = [row for row in rows if row["deal"] != "borderline"]
    labelled = [reader.explain(article_of(row)).features for row in rows]
    wanted = [row["deal"] == "yes" for row in rows]
    plain = [reader.explain(article_of(row)).features for row in headlines()]
    names = sorted(labelled[0])
    table = np.array([[values[name] for name in names] for values in (*labelled, *plain)])
    target = np.array([*wanted, *([False] * len(plain))])
    shares = [1.0] * len(labelled) + [HEADLINES_SHARE * len(labelled) / max(len(plain), 1)] * len(plain)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=5_000))
    folds = StratifiedKFold(8, shuffle=True, random_state=SEED)
    fit = {"logisticregression__sample_weight": np.array(shares)}
    guessed = cross_val_predict(model, table, target, cv=folds, params=fit, method="predict_proba")[: len(rows), 1]
    threshold = best_threshold(guessed, np.array(wanted))
    report(guessed, np.array(wanted), threshold)
    model.fit(table, target, **fit)
    scale, logit = model[0], model[1]
    weights = logit.coef_[0] / scale.scale_
    bias = float(logit.intercept_[0] - (weights * scale.mean_).sum())
    made = {
        "bias": round(bias, 5),
        "threshold": round(threshold, 3),
        "weights": {name: round(float(weight), 5) for name, weight in zip(names, weights, strict=True)},
    }
    if asked.write:
        target_file = settings.packaged() / "detector.json"
        target_file.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        print("written", target_file.name)
    return 0


def headlines() -> list[dict[str, Any]]:
    """Return a fixed sample of ordinary headlines, where they are to be had."""
    extra = os.environ.get("GIGAWATCH_EXTRA", "")
    path = Path(extra) / "corpus" / "real-headlines.jsonl"
    if not extra or not path.is_file():
        print("without ordinary headlines: GIGAWATCH_EXTRA does not name their folder")
        return []
    found = list(rows_of(path))
    return random.Random(SEED).sample(found, min(HEADLINES, len(found)))


def best_threshold(guessed: Any, wanted: Any) -> float:
    """Return the threshold with the best F1 among those of precision 0.97 where there are any."""
    best = (False, 0.0, 0.5)
    for threshold in np.arange(0.2, 0.9, 0.01):
        found = guessed >= threshold
        hits = int((found & wanted).sum())
        precision, recall = hits / max(int(found.sum()), 1), hits / int(wanted.sum())
        best = max(best, (precision >= 0.97, 2 * precision * recall / max(precision + recall, 1e-9), float(threshold)))
    return best[2]


def report(guessed: Any, wanted: Any, threshold: float) -> None:
    """Print the cross-validated figures."""
    found = guessed >= threshold
    hits = int((found & wanted).sum())
    precision, recall = hits / max(int(found.sum()), 1), hits / int(wanted.sum())
    brier = float(((guessed - wanted) ** 2).mean())
    print(f"cross-validated: precision {precision:.3f} recall {recall:.3f} at {threshold:.2f}; Brier {brier:.3f}")


if __name__ == "__main__":
    sys.exit(main())
