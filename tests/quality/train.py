"""Train config/detector.json: three logistic regressions over the detector's features, with cross-validated figures.

    python -m tests.quality.train [--write] [FILE.jsonl ...]

FILES are labelled articles (default: every slice in this folder). First the flows: which of an article's candidates are
its news. Then the verdict: is the article a deal. Last how firm each flow is. Where GIGAWATCH_EXTRA names the folder
with the ordinary headlines, a sample of them counts as articles that are no deal. Needs scikit-learn (extra `dev`); the
daemon does not.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.quality.corpus import article_of, rows_of
from tests.quality.flow_labels import key_of, statuses, wanted_flows
from worker import settings
from worker.pipeline.detection import Detector, firmness
from worker.pipeline.detection.flows import settle

HERE = Path(__file__).parent
HEADLINES = 9_000
# Headlines are many and short: together they weigh as much as the labelled articles.
HEADLINES_SHARE = 1.0
STRENGTH = 0.015
FLOW_STRENGTH = 0.2
STATUS_STRENGTH = 0.05
FOLDS = 8
SEED = 20261125
# A text that never speaks of AI tells no deal about AI computing: a rule of the labels, too rare in them to be learnt.
RULED_OUT, RULED_OUT_WEIGHT = "no.ai", -6.0
Table = dict[str, Any]


def detector(flows: Table | None = None) -> Detector:
    """Return a detector without weights for the verdict, and with those for flows where they are given."""
    folder = settings.packaged()
    tables = {name: tomllib.loads((folder / f"{name}.toml").read_text("utf-8")) for name in ("companies", "lexicon")}
    return Detector.from_tables(**tables, weights={"bias": 0, "threshold": 0.5, "weights": {}, "flows": flows or {}})


def main() -> int:
    """Run as a program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--write", action="store_true", help="write config/detector.json")
    asked = parser.parse_args()
    rows = [row for path in asked.files or sorted(HERE.glob("*.jsonl")) for row in rows_of(path)]
    rows = [row for row in rows if row["deal"] != "borderline"]
    wanted = np.array([row["deal"] == "yes" for row in rows])
    flows, held_out = train_flows(rows, wanted)
    reader = detector(flows)
    plain = [reader.explain(article_of(row)).features for row in headlines()]
    made = {**train_verdict(held_out, plain, wanted), "flows": flows, "status": train_status(reader, rows)}
    if asked.write:
        target = settings.packaged() / "detector.json"
        target.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        print("written", target.name)
    return 0


def train_flows(rows: Sequence[Table], wanted: Any) -> tuple[Table, list[Mapping[str, float]]]:
    """Return the weights for flows, and the verdict's features of each article.

    Each article's flows are weighed by weights that never saw it, so that the verdict is not trained on hindsight.
    """
    reader = detector()
    examples = [list(_examples(reader, row)) if row["deal"] == "yes" else [] for row in rows]
    folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(np.zeros(len(rows)), wanted))
    readers, weighed = [], []
    for learnt, held in folds:
        made = fit([one for place in learnt for one in examples[place]])
        readers.append(detector(made))
        weighed += [
            (rows[place], readers[-1].explain(article_of(rows[place])).weighed) for place in held if wanted[place]
        ]
    threshold = best_flow_threshold(weighed)
    features: list[Mapping[str, float]] = [{} for _ in rows]
    for (_, held), made_reader in zip(folds, readers, strict=True):
        made_reader.flow_threshold = threshold
        for place in held:
            features[place] = made_reader.explain(article_of(rows[place])).features
    whole = fit([one for listed in examples for one in listed])
    return {**whole, "threshold": round(threshold, 3)}, features


def _examples(reader: Detector, row: Table) -> Iterator[tuple[Mapping[str, float], bool]]:
    wanted = wanted_flows(row)
    seen = reader.explain(article_of(row))
    told = {key_of(one) for one in seen.weighed}
    loose = {key[:3] for key in wanted - told}
    for one in seen.weighed:
        # An option that is read as firm, or the other way, is still the right flow where its twin was not read.
        yield one.features, key_of(one) in wanted or key_of(one)[:3] in loose


def fit(examples: Sequence[tuple[Mapping[str, float], bool]]) -> Table:
    """Return bias and weights of a logistic regression over examples."""
    names = sorted(examples[0][0])
    table = np.array([[values[name] for name in names] for values, _ in examples])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=FLOW_STRENGTH, max_iter=5_000))
    model.fit(table, np.array([label for _, label in examples]))
    return weights_of(model, names)


def weights_of(model: Any, names: Sequence[str]) -> Table:
    """Return bias and weights over features as they are, without the scaling that training used."""
    scale, logit = model[0], model[1]
    weights = logit.coef_[0] / scale.scale_
    bias = float(logit.intercept_[0] - (weights * scale.mean_).sum())
    told = {name: round(float(weight), 5) for name, weight in zip(names, weights, strict=True)}
    return {"bias": round(bias, 5), "weights": told}


def best_flow_threshold(weighed: Sequence[tuple[Table, Any]]) -> float:
    """Return the threshold of the best F1 over flows weighed by weights that never saw their article; print figures."""
    best = (0.0, 0.0, 0.0, 0.5)
    total = sum(len(wanted_flows(row)) for row, _ in weighed)
    for threshold in np.arange(0.15, 0.8, 0.025):
        found: list[tuple[Counter[tuple[str, ...]], Counter[tuple[str, ...]]]] = []
        for row, listed in weighed:
            told = settle(listed, float(threshold)) or listed[:1]
            found.append((Counter(k[:3] for k in wanted_flows(row)), Counter(key_of(one)[:3] for one in told)))
        hits = sum((wanted & told).total() for wanted, told in found)
        precision, recall = hits / max(sum(told.total() for _, told in found), 1), hits / total
        best = max(best, (2 * precision * recall / max(precision + recall, 1e-9), precision, recall, float(threshold)))
    print("cross-validated flows: F1 {:.3f} precision {:.3f} recall {:.3f} at {:.3f}".format(*best))
    return best[3]


def train_verdict(labelled: Sequence[Mapping[str, float]], plain: Sequence[Mapping[str, float]], wanted: Any) -> Table:
    """Return bias, threshold and weights of the verdict; print cross-validated figures."""
    names = sorted(labelled[0])
    table = np.array([[values[name] for name in names] for values in (*labelled, *plain)])
    target = np.array([*wanted, *([False] * len(plain))])
    shares = [1.0] * len(labelled) + [HEADLINES_SHARE * len(labelled) / max(len(plain), 1)] * len(plain)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=5_000))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    how = {"logisticregression__sample_weight": np.array(shares)}
    guessed = cross_val_predict(model, table, target, cv=folds, params=how, method="predict_proba")[: len(labelled), 1]
    guessed[table[: len(labelled), names.index(RULED_OUT)] > 0] = 0.0
    threshold = best_threshold(guessed, wanted)
    report(guessed, wanted, threshold)
    model.fit(table, target, **how)
    made = weights_of(model, names)
    made["weights"][RULED_OUT] = RULED_OUT_WEIGHT
    return {"bias": made["bias"], "threshold": round(threshold, 3), "weights": made["weights"]}


def train_status(reader: Detector, rows: Sequence[Table]) -> Table:
    """Return the weights that tell what sources only say from what is official; print the cross-validated share."""
    table, target, groups = [], [], []
    for place, row in enumerate(rows):
        wanted = {(*key[:3],): status for key, status in statuses(row).items() if status in ("announced", "reported")}
        seen = reader.explain(article_of(row)) if wanted else None
        for one in seen.kept if seen else ():
            if not one.option and key_of(one)[:3] in wanted:
                assert seen is not None
                table.append(firmness.features(seen.document, one, seen.modes))
                target.append(wanted[key_of(one)[:3]] == "reported")
                groups.append(place)
    names = sorted(table[0])
    values = np.array([[row[name] for name in names] for row in table])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=STATUS_STRENGTH, max_iter=5_000))
    guessed = cross_val_predict(model, values, np.array(target), cv=GroupKFold(FOLDS), groups=groups)
    print(f"cross-validated status: {float((guessed == np.array(target)).mean()):.3f} of {len(target)} flows")
    return weights_of(model.fit(values, np.array(target)), names)


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
    """Return the threshold with the best F1; of equal ones the highest."""
    best = (0.0, 0.5)
    for threshold in np.arange(0.2, 0.9, 0.01):
        found = guessed >= threshold
        hits = int((found & wanted).sum())
        precision, recall = hits / max(int(found.sum()), 1), hits / int(wanted.sum())
        best = max(best, (2 * precision * recall / max(precision + recall, 1e-9), float(threshold)))
    return best[1]


def report(guessed: Any, wanted: Any, threshold: float) -> None:
    """Print the cross-validated figures."""
    found = guessed >= threshold
    hits = int((found & wanted).sum())
    precision, recall = hits / max(int(found.sum()), 1), hits / int(wanted.sum())
    brier = float(((guessed - wanted) ** 2).mean())
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    print(
        f"cross-validated verdict: F1 {f1:.3f} precision {precision:.3f} recall {recall:.3f} "
        f"at {threshold:.2f}; Brier {brier:.3f}"
    )


if __name__ == "__main__":
    sys.exit(main())
