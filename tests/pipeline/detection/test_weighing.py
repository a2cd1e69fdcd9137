"""The parts that weigh a flow: trees, the words around two parties, other readings of them, what they are called."""

from __future__ import annotations

import pytest

from tests.pipeline.detection.readers import CAST, DETECTOR, LEXICON, article, document, explained
from worker.errors import ConfigError
from worker.model import Kind
from worker.pipeline.detection import contexts, modality, naming, openings, pairs
from worker.pipeline.detection.forest import Forest
from worker.pipeline.detection.weighing import Said, Weigher, share_of

# Up to 0.5 of "a" gives -1; above, "b" decides between 2 and 3.
TREE = [0, 0.5, 1, 2, -1, -1.0, 0, 0, 1, 1.5, 3, 4, -1, 2.0, 0, 0, -1, 3.0, 0, 0]


@pytest.mark.parametrize(
    ("values", "leaf"), [({}, -1.0), ({"a": 0.5, "b": 9.0}, -1.0), ({"a": 0.6}, 2.0), ({"a": 1.0, "b": 2.0}, 3.0)]
)
def test_an_example_falls_into_one_leaf_of_every_tree(values: dict[str, float], leaf: float) -> None:
    forest = Forest({"bias": 0.25, "names": ["a", "b"], "trees": [" ".join(map(str, TREE))] * 2})
    assert forest.logit(values) == pytest.approx(0.25 + 2 * leaf)


def test_what_the_first_trees_find_hopeless_is_not_asked_further() -> None:
    # A hundred trees say -0.1 each, or 0.1; the others would make good for it.
    trees = ["0 0.5 1 2 -1 -0.1 0 0 -1 0.1 0 0"] * 100 + ["-1 50.0 0 0"]
    forest = Forest({"bias": 0.0, "names": ["a"], "trees": trees})
    assert forest.logit({"a": 0.0}, hopeless=-9.0) == pytest.approx(-10.0)
    assert forest.logit({"a": 0.0}, hopeless=-11.0) == pytest.approx(40.0)
    assert forest.logit({"a": 1.0}, hopeless=-9.0) == pytest.approx(60.0)
    assert forest.logit({"a": 0.0}) == pytest.approx(40.0)


def test_trees_written_as_lists_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"detector\.json"):
        Forest({"bias": 0.25, "names": ["a", "b"], "trees": [TREE]})


def test_words_count_for_all_kinds_and_for_one() -> None:
    said = Said({"bias": -1.0, "kinds": ["any", "debt"], "weights": {"PQ b:verse": "0 2.0 1 1.0"}})
    words = frozenset(("PQ b:verse", "PQ l:hier"))
    assert said.logit(words, Kind.DEBT) == pytest.approx(-1.0 + 3.0 * share_of(words))
    assert said.logit(words, Kind.CHIPS) == pytest.approx(-1.0 + 2.0 * share_of(words))
    assert said.logit(frozenset(), Kind.DEBT) == -1.0


def test_the_words_around_two_parties_name_nobody() -> None:
    read = document("", "", f"Hier, Kelvan frétera des baies chez Brindal pour un an.\n\n{CAST}")
    found = contexts.Contexts(read, modality.modes(read, LEXICON))
    words = found.words("Kelvan", "Brindal")
    assert {"PQ b:freter", "PQ bb:chez $", "PQ l:hier", "PQ t:@lab @neocloud"} <= words
    assert "QP b:freter" in found.words("Brindal", "Kelvan")
    assert not any("kelvan" in word or "brinda" in word for word in words)
    alone = found.words("", "Brindal")
    assert alone
    assert all(word.startswith("Q ") for word in alone)


def test_main_parties_may_deal_either_way_and_with_nobody_named() -> None:
    read = document(
        "Kelvan et Brindal", "", f"Kelvan entre au capital et veut du calcul. Brindal loue des serveurs.\n\n{CAST}"
    )
    logits = {kind.value: 0.0 if kind in (Kind.COMPUTE, Kind.EQUITY) else -9.0 for kind in Kind}
    modes = modality.modes(read, LEXICON)
    made = openings.opened(read, [], pairs.focus(read, 2), logits, lexicon=LEXICON, modes=modes)
    named = {(one.payer.name if one.payer else "", one.payee.name if one.payee else "", one.kind) for one in made}
    assert {
        ("Kelvan", "Brindal", Kind.COMPUTE),
        ("Brindal", "Kelvan", Kind.EQUITY),
        ("", "Kelvan", Kind.COMPUTE),
    } <= named
    assert {kind for _, _, kind in named} == {Kind.COMPUTE, Kind.EQUITY}
    assert all(one.weight == 0.0 and one.how == "open" for one in made)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Microsoft paie Constellation pour ses réacteurs.", {"Constellation Energy": "Constellation"}),
        ("Microsoft paie Constellation Energy, et Constellation le dit.", {}),
        ("Apollo Global Management prête à Microsoft.", {}),
        ("Les serveurs d'Azure sont pleins.", {}),
        ("Bell loue des serveurs. BCE les paiera.", {"Bell Canada": "Bell"}),
        ("Bell Canada loue des serveurs. BCE les paiera.", {}),
    ],
)
def test_a_firm_is_called_as_the_article_calls_it(text: str, names: dict[str, str]) -> None:
    assert dict(naming.called(document("", "", text))) == names


def test_a_firm_is_called_as_the_title_calls_it_unless_that_is_in_capitals() -> None:
    text = "Bell les paiera."
    assert dict(naming.called(document("BCE loue des serveurs", "", text))) == {"Bell Canada": "BCE"}
    shouted = document("J.P. MORGAN PRÊTE", "", "J.P. Morgan prête à Microsoft.")
    assert dict(naming.called(shouted)) == {"JPMorgan": "J.P. Morgan"}


def test_stories_get_the_names_of_the_list() -> None:
    text = "Microsoft achète à Constellation 500 mégawatts d'électricité nucléaire pour ses centres de données d'IA."
    seen = explained(text, text, text)
    assert {flow.payee for flow in seen.flows} == {"Constellation"}
    listed = DETECTOR.listed(DETECTOR.judge(article(text, text, text)))
    assert {flow.payee for flow in listed.flows} == {"Constellation Energy"}


@pytest.mark.parametrize(
    "tree", ["0 0.5 0 2 -1 1 0 0 -1 2 0 0", "0 0.5 1 9 -1 1 0 0", "0 0.5 1", "0 x 1 2 -1 1 0 0 -1 2 0 0"]
)
def test_a_tree_that_is_none_is_named(tree: str) -> None:
    forest = Forest({"bias": 0.0, "names": ["a"], "trees": [tree]})
    with pytest.raises(ConfigError, match=r"detector\.json.*trees"):
        forest.logit({"a": 1.0})


def test_trees_that_do_not_hear_the_words_are_refused() -> None:
    deaf = {"bias": 0.0, "names": ["a"], "trees": ["-1 0.5 0 0"]}
    with pytest.raises(ConfigError, match=r"detector\.json.*flows"):
        Weigher({"forest": deaf, "said": {"bias": 0.0, "kinds": ["any"], "weights": {}}})


@pytest.mark.parametrize("table", [{}, {"any": {"PQ b:verse": 2.0}}, {"kinds": ["any"], "weights": {"w": 2.0}}])
def test_words_of_another_version_are_refused(table: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=r"detector\.json.*said"):
        Said({"bias": 0.0, **table})
