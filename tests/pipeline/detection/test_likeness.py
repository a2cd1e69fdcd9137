"""Whether capitals are a name, by trained weights beside the rules."""

from __future__ import annotations

import tomllib

from worker import settings
from worker.pipeline.detection import clauses
from worker.pipeline.detection.entities import Registry, find
from worker.pipeline.detection.likeness import Names

REGISTRY = Registry.from_table(tomllib.loads((settings.packaged() / "companies.toml").read_text("utf-8")))
# No rule takes it for a name.
DOUBTFUL = "Le silence règne autour de Vornis."


def names(text: str, likeness: Names | None) -> dict[str, float]:
    found = find(text, registry=REGISTRY, sentences=clauses.sentences(text), likeness=likeness)
    return {one.name: one.sure for one in found if one.via in ("shape", "apposition")}


def test_without_weights_the_rules_decide() -> None:
    assert names(DOUBTFUL, None) == names(DOUBTFUL, Names({})) == {}
    assert names("Vornis emporte le marché du calcul.", None).keys() == {"Vornis"}


def test_weights_make_a_name_and_tell_how_sure_it_is() -> None:
    learnt = Names({"bias": -2.0, "threshold": -1.0, "weights": {"p:autou de": 2.5, "p:de": 0.5}})
    assert 0.5 < names(DOUBTFUL, Names({"bias": 0.0, "threshold": 0.0, "weights": {"p:de": 0.5}}))["Vornis"] < 0.7
    assert names(DOUBTFUL, Names({"bias": -2.0, "threshold": -1.0, "weights": {"p:de": 0.5}})) == {}
    assert names(DOUBTFUL, learnt).keys() == {"Vornis"}


def test_weights_unmake_what_a_rule_takes_for_a_name_but_not_what_the_text_introduces() -> None:
    against = Names({"bias": -9.0, "threshold": 0.0, "weights": {"words:1": -1.0}})
    assert names("Vornis emporte le marché du calcul.", against) == {}
    told = names("L'hébergeur saint-gallois Vornis ouvre une salle.", against)
    # As sure as the rule is.
    assert told == {"Vornis": 6.5 / 8}


def test_a_neighbour_in_a_list_makes_up_for_a_little() -> None:
    listed = "Le tour réunit Nvidia, Vornis et Bpifrance."
    near = Names({"bias": -1.0, "threshold": 0.0, "weights": {"words:9": 1.0}})
    far = Names({"bias": -2.0, "threshold": 0.0, "weights": {"words:9": 1.0}})
    assert names(listed, near).keys() == {"Vornis"}
    assert names(listed, far) == {}
    assert names(DOUBTFUL, near) == {}


def test_all_occurrences_speak_together() -> None:
    text = f"{DOUBTFUL} Personne ne connaît Vornis."
    learnt = Names({"bias": -2.0, "threshold": 0.0, "weights": {"p:autou de": 1.0, "times:2": 1.5}})
    assert names(text, learnt).keys() == {"Vornis"}
    assert names(DOUBTFUL, learnt) == {}
