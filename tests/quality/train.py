"""Train config/detector.json: logistic regressions and boosted trees over the detector's features, with cross-validated
figures.

    python -m tests.quality.train [--write] [--names] [--referents] [--rights] [--firmness] [--figures] [FILE.jsonl ...]

FILES are labelled articles (default: every slice in this folder). First what an article is about and who of it may pay
whom, then which of its candidates are its news, then whether it is a deal, last how firm each flow is and which figures
are its own. All of it reads descriptions and pronouns by the weights that the file has for them: fit those first
(--names, then --referents) where their labels, names or the signs that they show have changed. Where GIGAWATCH_EXTRA
names the folder with the ordinary headlines, a sample of them counts as articles that are no deal.
Needs scikit-learn (extra `dev`); the daemon does not.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from tests.quality import (
    learn_amounts,
    learn_firmness,
    learn_flows,
    learn_names,
    learn_referents,
    learn_rights,
    learn_roles,
    learn_verdict,
)
from tests.quality.corpus import article_of, headlines, rows_of, tables
from tests.quality.fitting import Strength, fit, in_rows
from tests.quality.flow_labels import key_of, wanted_flows
from tests.quality.flow_thresholds import best_flow_threshold, hits_of
from tests.quality.learn_verdict import MEASURE_SHARE
from tests.quality.news import news_of
from tests.quality.parallel import each
from tests.quality.renaming import renamed
from worker import settings
from worker.model import Kind
from worker.pipeline.detection import Detector, subject
from worker.pipeline.detection.lexicon import Lexicon
from worker.pipeline.detection.likeness import Names
from worker.pipeline.detection.registry import Registry

HERE = Path(__file__).parent
# No weights learn from these: their floors hold what tomorrow's news will give, not what was learnt by heart.
UNREAD = frozenset(("own-cc", "own-cd", "own-cv", "own-ei", "own-ej", "own-ek", "own-el", "own-pages-u"))
HEADLINES = 9_000
# So few deals may be as unlike one, by their words, as an article that is ruled out by them: the odd ones of the labels
# are not found anyway, and to read all that are as odd would cost a quarter of the speed on ordinary news.
RULED_OUT = 0.0005
# A headline that is as likely a deal as this teaches nothing.
UNSURE = 0.4
# A kind's word of a smaller weight would only fill the file.
SMALL = 0.01
SUBJECT_STRENGTH = Strength(3.0, 1.0)
# A kind that fewer articles tell has no words of its own.
FEW = 5
FOLDS = 4
SEED = 20261125
# Not the one that the metamorphic tests rename by.
COPY_SEED = 7
COPIES = 1
COPY_SHARE = 0.75
Table = dict[str, Any]


def detector(**learnt: Table) -> Detector:
    """Return a detector without weights for the verdict, with those parts of the weights that are given, and with the
    shipped ones for what descriptions and pronouns mean: all else is read by them."""
    known = tables()
    weights = {"bias": 0, "threshold": 0.5, "weights": {}, **_shipped(known["weights"]), **learnt}
    return Detector.from_tables(**{**known, "weights": weights})


def _shipped(weights: Mapping[str, Any]) -> Table:
    return {"referents": weights.get("referents", {}), "names": weights.get("names", {})}


def main() -> int:
    """Run as a program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--write", action="store_true", help="write config/detector.json")
    parser.add_argument("--firmness", action="store_true", help="fit how firm flows are alone, by the other weights")
    parser.add_argument("--figures", action="store_true", help="fit whose figures are whose, by the other weights")
    parser.add_argument("--rights", action="store_true", help="fit what tells a right, by the other weights")
    parser.add_argument("--names", action="store_true", help="fit which capitals are names, by no other weights")
    parser.add_argument(
        "--referents",
        action="store_true",
        help="fit whom descriptions and pronouns mean, by --names",
    )
    asked = parser.parse_args()
    files = asked.files or [path for path in sorted(HERE.glob("*.jsonl")) if path.stem not in UNREAD]
    rows = [{**row, "share": share_of(path.stem)} for path in files for row in rows_of(path)]
    rows = [{**row, "news": news} for row, news in zip(rows, news_of(rows), strict=True)]
    told = [row for row in rows if row["deal"] != "borderline"]
    known = tables()
    deals = [row for row in told if row["deal"] == "yes"]
    if asked.firmness or asked.figures or asked.rights:
        made = {**known["weights"], **train_alone(asked, Detector.from_tables(**known), told, deals)}
    elif asked.names:
        made = {**known["weights"], "names": learn_names.train(read_names(told))}
    elif asked.referents:
        made = {**known["weights"], "referents": learn_referents.train(read_choices(rows, known))}
    else:
        made = train(told, ordinary(headlines(HEADLINES, SEED), told))
    if asked.write:
        target = settings.packaged() / "detector.json"
        # Plain ASCII loads a quarter sooner: a text with one dash in it takes two bytes a character.
        target.write_text(json.dumps(made, indent=0) + "\n", encoding="ascii")
        print("written", target.name)
    return 0


def share_of(name: str) -> float:
    """Return what an article of a slice counts."""
    return MEASURE_SHARE if name.startswith("dev-") else 1.0


def train_alone(asked: argparse.Namespace, reader: Detector, told: Sequence[Table], deals: Sequence[Table]) -> Table:
    """Return the parts of the weights that are asked for, fitted by the others."""
    made: Table = {}
    if asked.firmness:
        made["status"] = learn_firmness.train(reader, told)
    if asked.figures:
        made["amounts"] = learn_amounts.train(reader, deals)
    if asked.rights:
        made["rights"] = learn_rights.train(learn_rights.read(reader, deals))
    return made


def train(rows: Sequence[Table], plain: Sequence[Table], *, repeated: int = COPIES, light: bool = False) -> Table:
    """Return all weights; print cross-validated figures.

    repeated: copies of each article with other names; light: the verdict alone, without roles, and flows by the
    quickest of their models.

    Whatever a later part learns from, an earlier part said of news that it had never seen, in no outlet: the subject
    of an article, its unlisted names, its roles, then its flows, are read by weights of other folds. Half the headlines
    teach the subject, half the verdict. The figures are a little too good all the same: what the other folds' weights
    learnt from was itself read by weights that saw the fold, and descriptions and pronouns by weights that saw a fifth
    of all articles. Only articles that no training saw are quite free of it.
    """
    wanted = np.array([row["deal"] == "yes" for row in rows])
    parting = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    folds = list(parting.split(np.zeros(len(rows)), wanted, [row["news"] for row in rows]))
    # A copy of every article with invented firms teaches what does not hang on who is listed; it stays with its twin.
    folds = [tuple(_with_copies(places, len(rows), repeated) for places in fold) for fold in folds]
    own, rows, wanted = rows, [*rows, *copies(rows, repeated)], np.tile(wanted, repeated + 1)
    news = [row["news"] for row in rows]
    half = len(plain) // 2
    names = read_names(own)
    whole_names = learn_names.train(names)
    weights: list[Table] = [{"names": _names_of(names, rows, learnt, whole_names)} for learnt, _ in folds]
    bags = read_bags(rows, plain[:half], folds, [*weights, {"names": whole_names}])
    for one, fitted in zip(weights, each(lambda fold: fit_subject(rows, bags, fold[0]), folds), strict=True):
        one["subject"] = fitted
    parts = [] if light else learn_roles.read(rows, folds, [detector(**one) for one in weights])
    if not light:
        cast = each(lambda fold: learn_roles.fit([one for place in fold[0] for one in parts[place]]), folds)
        for one, fitted in zip(weights, cast, strict=True):
            one["roles"] = fitted
    examples: list[list[learn_flows.Example]] = [[] for _ in rows]
    for found in each(lambda number: _read_fold(rows, folds[number][1], weights[number]), range(FOLDS)):
        for place, listed in found.items():
            examples[place] = listed
    features, threshold, floor = weigh_held_out(rows, folds, weights, examples, light=light)
    floors = {"floor": round(floor, 3), "plain_floor": round(plain_floor(rows, folds, weights), 3)}
    whole_subject = {**floors, **fit_subject(rows, bags, range(len(rows)))}
    whole = learn_flows.train([one for listed in examples for one in listed], light=light)
    whole["threshold"] = round(threshold, 3)
    whole_roles = {} if light else learn_roles.fit([one for listed in parts for one in listed])
    reader = detector(names=whole_names, subject=whole_subject, roles=whole_roles, flows=whole)
    rest = plain[half:]
    others = each(lambda place: reader.explain(article_of(rest[place])).features, range(len(rest)))
    made = learn_verdict.train(features, others, wanted, [row["share"] for row in rows], news, len(own))
    made |= {**_shipped(tables()["weights"]), "names": whole_names, "subject": whole_subject, "flows": whole}
    if light:
        return made
    # Figures and firmness do not hang on names: the copies would only count their articles thrice.
    amounts = learn_amounts.train(reader, [row for row in own if row["deal"] == "yes"])
    status = learn_firmness.train(reader, own)
    return {
        **made,
        "status": status,
        "amounts": amounts,
        "rights": learn_rights.train(learn_rights.read(reader, own)),
        "roles": whole_roles,
    }


def read_choices(rows: Sequence[Table], known: Mapping[str, Any]) -> list[learn_referents.Choice]:
    """Return every labelled description and pronoun of the articles."""
    registry, lexicon = Registry.from_table(known["companies"]), Lexicon(known["lexicon"])
    likeness = Names(known["weights"].get("names", {}))
    return learn_referents.read({row["id"]: row for row in rows}, registry, lexicon, likeness)


def read_names(rows: Sequence[Table]) -> list[learn_names.Choice]:
    """Return the unlisted names of the articles that are deals."""
    known = tables()
    deals = [row for row in rows if row["deal"] == "yes"]
    return learn_names.read(deals, Registry.from_table(known["companies"]), Lexicon(known["lexicon"]))


def _names_of(names: Sequence[learn_names.Choice], rows: Sequence[Table], learnt: Sequence[int], whole: Table) -> Table:
    """Return the weights for names that the articles of a fold teach; where they accept one, all articles tell."""
    articles = {rows[place]["id"] for place in learnt}
    return learn_names.fit([one for one in names if one.article in articles]) | {"threshold": whole["threshold"]}


def _read_fold(rows: Sequence[Table], held: Sequence[int], weights: Table) -> dict[int, list[learn_flows.Example]]:
    reader = detector(**weights)
    return {place: list(_examples(reader, rows[place])) for place in held if rows[place]["deal"] == "yes"}


def copies(rows: Sequence[Table], repeated: int) -> list[Table]:
    """Return every article so many times more, its listed organisations renamed each time."""
    if not repeated:
        return []
    reader, registry = detector(), Registry.from_table(tables()["companies"])

    def copied(place: int) -> list[Table]:
        document, _ = reader.read(article_of(rows[place]))
        seeds = range(COPY_SEED, COPY_SEED + repeated)
        return [{**renamed(rows[place], document, registry, seed=seed), "copy": COPY_SHARE} for seed in seeds]

    made = each(copied, range(len(rows)))
    return [row for number in range(repeated) for row in (found[number] for found in made)]


def _with_copies(places: Sequence[int], count: int, repeated: int) -> list[int]:
    return [place + number * count for number in range(repeated + 1) for place in places]


def ordinary(plain: Sequence[Table], rows: Sequence[Table]) -> list[Table]:
    """Return the headlines without those that a detector which never saw any takes for deals: some of them are, and
    nobody has labelled them."""
    if not plain:
        return []
    with contextlib.redirect_stdout(io.StringIO()):
        made = train(rows, [], repeated=0, light=True)
    reader = Detector.from_tables(**{**tables(), "weights": made})
    kept = [row for row in plain if reader.judge(article_of(row)).score < UNSURE]
    print(f"{len(plain) - len(kept)} of {len(plain)} headlines left out, which may be deals")
    return kept


def read_bags(
    rows: Sequence[Table], plain: Sequence[Table], folds: Sequence[tuple[Any, Any]], weights: Sequence[Table]
) -> list[Mapping[str, float]]:
    """Return the words of every article, then of every headline, as the subject sees them. weights: those that read
    the articles which each fold holds back, then those that read the headlines."""
    held = [[rows[place] for place in places] for _, places in folds]
    jobs = list(enumerate([*held, plain]))

    def bags(job: tuple[int, Sequence[Table]]) -> list[Mapping[str, float]]:
        reader = detector(**weights[job[0]])
        found = (reader.read(article_of(row)) for row in job[1])
        return [subject.features(document, reading.modes) for document, reading in found]

    *told, ordinary_bags = each(bags, jobs)
    by_place = {
        place: bag
        for (_, places), listed in zip(folds, told, strict=True)
        for place, bag in zip(places, listed, strict=True)
    }
    return [*(by_place[place] for place in range(len(rows))), *ordinary_bags]


def fit_subject(rows: Sequence[Table], bags: Sequence[Mapping[str, float]], learnt: Sequence[int]) -> Table:
    """Return the tables for "deal" and for each kind. Bags beyond the rows are headlines, which tell no deal."""
    own, plain = [bags[place] for place in learnt], bags[len(rows) :]
    shares = [1.0] * len(own) + [len(own) / max(len(plain), 1)] * len(plain)
    deal = [rows[place]["deal"] == "yes" for place in learnt]
    found = fit([*own, *plain], [*deal, *([False] * len(plain))], SUBJECT_STRENGTH, shares)
    made: dict[str, Table] = {}
    for kind in Kind:
        named = [any(flow["kind"] == kind for flow in rows[place]["flows"]) for place in learnt]
        if sum(named) >= FEW:
            made[kind.value] = fit(own, named, SUBJECT_STRENGTH)
    bias = [one["bias"] for one in made.values()]
    kinds = {"names": list(made), "bias": bias, "weights": in_rows([one["weights"] for one in made.values()], SMALL)}
    return {subject.DEAL: found, "kinds": kinds}


def _examples(reader: Detector, row: Table) -> Iterator[learn_flows.Example]:
    wanted = wanted_flows(row)
    seen = reader.explain(article_of(row))
    told = {key_of(one, seen.names) for one in seen.weighed}
    loose = {key[:3] for key in wanted - told}
    for one in seen.weighed:
        # An option that is read as firm, or the other way, is still the right flow where its twin was not read.
        key = key_of(one, seen.names)
        label = key in wanted or key[:3] in loose
        if "copy" in row and not label and not one.raw:
            # Of what nothing says the articles themselves hold enough.
            continue
        words = seen.reading.contexts.words(one.payer, one.payee)
        share = row.get("copy", 1.0) * row["share"]
        yield learn_flows.Example(row["news"], one.features, label, share, one.kind.value, words, "copy" in row)


def weigh_held_out(
    rows: Sequence[Table],
    folds: Sequence[tuple[Any, Any]],
    weights: Sequence[Table],
    examples: Sequence[Sequence[learn_flows.Example]],
    *,
    light: bool,
) -> tuple[list[Mapping[str, float]], float, float]:
    """Return the verdict's features of each article, its flows weighed by weights that never saw it, the threshold for
    flows, and the logit of "deal" that no more than RULED_OUT of the deals are below.

    weights: names, subject and roles of each fold.
    """
    fitted = each(
        lambda fold: learn_flows.train([one for place in fold[0] for one in examples[place]], light=light), folds
    )
    readers = [detector(**known, flows=made) for known, made in zip(weights, fitted, strict=True)]
    reader_of = {place: reader for (_, held), reader in zip(folds, readers, strict=True) for place in held}
    deals = [place for place, row in enumerate(rows) if row["deal"] == "yes"]
    hits = each(lambda place: hits_of(reader_of[place].explain(article_of(rows[place])), rows[place]), deals)
    threshold = best_flow_threshold(hits, [_is_theirs(rows[place]) for place in deals])
    features: list[Mapping[str, float]] = [{} for _ in rows]
    logits: list[float] = []
    for found in each(lambda number: _verdicts(rows, folds[number][1], readers[number], threshold), range(FOLDS)):
        for place, (values, logit) in found.items():
            features[place] = values
            if rows[place]["deal"] == "yes":
                logits.append(logit)
    return features, threshold, sorted(logits)[int(len(logits) * RULED_OUT)]


def _verdicts(
    rows: Sequence[Table], held: Sequence[int], reader: Detector, threshold: float
) -> dict[int, tuple[Mapping[str, float], float]]:
    """Return the features of each article's verdict, and the logit of its subject."""
    reader.flow_threshold = threshold
    seen = {place: reader.explain(article_of(rows[place])) for place in held}
    return {place: (one.features, one.reading.logits[subject.DEAL]) for place, one in seen.items()}


def plain_floor(rows: Sequence[Table], folds: Sequence[tuple[Any, Any]], weights: Sequence[Table]) -> float:
    """Return the logit of "deal" by plain words that no more than RULED_OUT of the long deals are below."""
    logits: list[float] = []
    for (_, held), known in zip(folds, weights, strict=True):
        judge = subject.Subject(known["subject"])
        deals = [article_of(rows[place]) for place in held if rows[place]["deal"] == "yes"]
        logits += [judge.deal(subject.plain_features(one)) for one in deals if subject.is_long(one)]
    return sorted(logits)[int(len(logits) * RULED_OUT)]


def _is_theirs(row: Table) -> bool:
    return bool(row["share"] == MEASURE_SHARE and "copy" not in row)


if __name__ == "__main__":
    sys.exit(main())
