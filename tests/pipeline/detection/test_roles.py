"""Who pays and who is paid, told by the words around each organisation, though no sentence joins them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.pipeline.detection.readers import CAST, LEXICON, WEIGHTS, document
from worker.errors import ConfigError
from worker.model import Kind
from worker.pipeline.detection import modality, openings, roles
from worker.pipeline.detection.document import BACKGROUND, Document
from worker.pipeline.detection.roles import NOBODY, ROLES, Cast, Roles

APART = f"Kelvan manquait de serveurs. Au nord, Brindal encaissera chaque mois un loyer.\n\n{CAST}"
LOGITS = {kind.value: 0.0 for kind in Kind}


def table(**weights: dict[str, float]) -> dict[str, object]:
    """Return the table of models that know these words alone: for each, the weight of some roles."""
    rows = {
        word: " ".join(f"{ROLES.index(role)} {weight}" for role, weight in told.items())
        for word, told in weights.items()
    }
    return {"roles": list(ROLES), "bias": [-3.0] * len(ROLES), "weights": rows}


def read() -> Document:
    return document("Des salles au nord", "", APART)


def cast(model: dict[str, object]) -> Cast:
    """Return the organisations of APART as a model reads them."""
    seen = read()
    return Roles(model).cast(seen, modality.modes(seen, LEXICON), LOGITS, {})


def test_the_words_around_a_name_are_marked_by_their_place_and_name_nobody() -> None:
    seen = read()
    found = roles.features(seen, modality.modes(seen, LEXICON), LOGITS, {"Kelvan": 0.5})
    assert {"after:manqua", "then:manqua", "said:serveu", "next:encais"} <= found["Kelvan"].keys()
    assert {"after:encais", "at:nord", "said:loyer", "last:manqua"} <= found["Brindal"].keys()
    assert found["Kelvan"]["central:"] == 0.5
    assert found["Kelvan"]["trade:lab"] == found["Brindal"]["trade:neocloud"] == 1.0
    assert found["Kelvan"]["next:encais"] < found["Kelvan"]["after:manqua"]
    assert not any("kelvan" in word or "brinda" in word for words in found.values() for word in words)


def test_parties_of_two_sentences_meet_by_their_roles() -> None:
    told = cast(table(**{"after:manqua": {"payer compute": 20.0}, "after:encais": {"payee compute": 20.0}}))
    assert told.pairs()[0] == ("Kelvan", "Brindal", Kind.COMPUTE)
    assert told.likely("Kelvan", "Brindal", Kind.COMPUTE) > 0 > told.likely("Brindal", "Kelvan", Kind.COMPUTE)
    values = told.features("Kelvan", "Brindal", Kind.COMPUTE)
    assert values["cast.least"] > -3.0
    assert values["cast.way"] > 0
    assert values["cast.payer.gap"] > 0
    assert values["cast.payee.kinds"] > 0
    turned = told.features("Brindal", "Kelvan", Kind.COMPUTE)
    assert turned["cast.way"] == pytest.approx(-values["cast.way"])
    assert turned["cast.payer.gap"] < 0
    seen = read()
    made = openings.by_roles(seen, [], told, modality.modes(seen, LEXICON))
    assert ("Kelvan", "Brindal", Kind.COMPUTE) in {
        (one.payer.name, one.payee.name, one.kind) for one in made if one.payer and one.payee
    }
    assert all(one.weight == 0.0 and one.how == "open" for one in made)


def test_a_party_is_measured_by_the_others_in_its_role() -> None:
    told = Cast({"A": dict.fromkeys(ROLES, -6.0), "B": dict.fromkeys(ROLES, -9.0)})
    values = told.features("A", "B", Kind.CHIPS)
    assert values["cast.payer.gap"] == 3.0
    assert values["cast.payee.gap"] == -3.0
    nobody = told.features("", "B", Kind.CHIPS)
    assert (nobody["cast.payer"], nobody["cast.payer.gap"], nobody["cast.payer.else"]) == (NOBODY, 2.0, -6.0)
    assert "cast.payer.any" not in nobody
    alone = Cast({"A": dict.fromkeys(ROLES, -1.0)})
    assert alone.features("A", "", Kind.CHIPS)["cast.payer.gap"] == 3.0


def test_old_news_gives_no_role_and_is_no_home_for_a_candidate() -> None:
    old = "Rappel : en 2019, Kelvan avait loué des serveurs à Orthis."
    seen = document("Des salles au nord", "", f"{old}\n\n{APART}")
    modes = dict(modality.modes(seen, LEXICON))
    modes[1] = replace(modes[1], recalled=1.0)
    assert "Orthis" in {mention.name for mention in seen.sentences[1].mentions}
    words = roles.features(seen, modes, LOGITS, {})["Kelvan"]
    assert not any(word.startswith("said:rappel") for word in words)
    made = openings.by_roles(seen, [], Cast(dict.fromkeys(("Kelvan", "Brindal"), dict.fromkeys(ROLES, 1.0))), modes)
    assert made
    assert all(modes[one.sentence.number].recalled < BACKGROUND for one in made)


def test_without_models_nobody_has_a_role() -> None:
    told = cast({})
    assert told.pairs() == []
    assert told.features("Kelvan", "Brindal", Kind.COMPUTE) == {}


def test_the_shipped_models_know_every_role() -> None:
    shipped = WEIGHTS["roles"]
    assert tuple(shipped["roles"]) == ROLES
    assert len(shipped["bias"]) == len(ROLES)
    assert {int(place) for row in shipped["weights"].values() for place in row.split()[::2]} == set(range(len(ROLES)))
    assert all(float(weight) for row in shipped["weights"].values() for weight in row.split()[1::2])


def test_weights_of_other_roles_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"detector\.json"):
        Roles({**table(), "roles": list(ROLES[:-1])})


def test_weights_written_as_lists_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"detector\.json"):
        Roles({**table(), "weights": {"said:loue": [0, 0.3]}})
