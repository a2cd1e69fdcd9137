"""Organisations in French sentences: listed, unlisted, described, by their heads' names."""

from __future__ import annotations

import json
import re
import time
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.pipeline.detection.entities import Mention, OrgType, Registry, find
from worker.pipeline.detection.likeness import Names
from worker.pipeline.detection.ranking import Referents

FOLDER = Path(__file__).parents[3] / "config"
TABLE = tomllib.loads((FOLDER / "companies.toml").read_text("utf-8"))
REGISTRY = Registry.from_table(TABLE)
WEIGHTS = json.loads((FOLDER / "detector.json").read_text("utf-8"))
REFERENTS, LIKENESS = Referents(WEIGHTS["referents"]), Names(WEIGHTS["names"])


def sentences(text: str) -> list[tuple[int, int]]:
    stops = [0, *(match.end() for match in re.finditer(r"[.!?…]\s+|\n+", text)), len(text)]
    return list(pairwise(stops))


def mentions(text: str, before: tuple[Mention, ...] = (), likeness: Names | None = None) -> tuple[Mention, ...]:
    spans = sentences(text)
    return find(text, registry=REGISTRY, sentences=spans, known_before=before, referents=REFERENTS, likeness=likeness)


def names(text: str) -> list[str]:
    return [m.name for m in mentions(text) if m.via not in ("definite", "pronoun", "unnamed")]


def means(text: str, words: str) -> str:
    """Return the name that the last mention said with `words` stands for."""
    return [m.name for m in mentions(text, likeness=LIKENESS) if m.surface == words][-1]


# --- the list ---


def test_the_list_is_whole_and_consistent() -> None:
    rows = TABLE["company"]
    listed = [row["name"] for row in rows]
    assert len(rows) >= 250
    assert len(set(listed)) == len(listed)
    allowed = {"name", "type", "country", "aliases", "brands", "metonyms", "people", "group", "ambiguous", "regional"}
    assert {key for row in rows for key in row} <= allowed | {"not_after", "not_before"}
    assert all(row["type"] in set(OrgType) for row in rows)
    assert {row["group"] for row in rows if "group" in row} <= set(listed)
    owners: dict[str, str] = {}
    for row in rows:
        for spelling in (row["name"], *row.get("aliases", ()), *row.get("people", ())):
            assert owners.setdefault(spelling.casefold(), row["name"]) == row["name"], spelling


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("d’OpenAI, qu'Anthropic et l’américain Nvidia", ["OpenAI", "Anthropic", "NVIDIA"]),
        ("Les serveurs d'Azure et ceux d’AWS", ["Microsoft", "Amazon"]),
        ("Un million de TPU pour Claude", ["Google", "Anthropic"]),
        ("La firme de Redmond paie le caméléon", ["Microsoft", "NVIDIA"]),
        ("Le cloud de Mountain View", ["Google"]),
        ("Il habite à Redmond.", []),
        ("Un chèque signé Arthur Mensch", ["Mistral AI"]),
        ("Xavier Niel et iliad", ["iliad", "iliad"]),
        ("e& et AT&T louent", ["e&", "AT&T"]),
        ("Le créateur de ChatGPT choisit la start-up de Dario Amodei", ["OpenAI", "Anthropic"]),
        ("la maison mère de Facebook", ["Meta"]),
        ("Le fonds Blue Owl OWL.N paie Nvidia NVDA.O", ["Blue Owl", "NVIDIA"]),
        ("Un bail de Galaxy Digital (NASDAQ: GLXY) à CoreWeave (Nasdaq : CRWV)", ["Galaxy Digital", "CoreWeave"]),
        ("HIVE Digital (TSX : HIVE, NASDAQ: HIVE) paie Mizuho 8411.T", ["Hive Digital", "Mizuho"]),
        ("CoreWeave loue des GPU à C3.AI", ["CoreWeave", "C3.ai"]),
        ("Nscale Global Holdings, IREN Limited et Dell Inc. signent", ["Nscale", "IREN", "Dell"]),
    ],
)
def test_listed_names(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hier, Orange a loué des serveurs.", ["Orange"]),
        ("Le voyant est orange. Une carte Orange.", []),
        ("Orange va louer des serveurs.", ["Orange"]),
        ("Le mistral souffle sur la vallée.", []),
        ("Le monde change. Selon Le Monde, il change.", ["Le Monde"]),
        ("L'oracle de Delphes parle.", []),
        ("Un accord avec Oracle et Switch.", ["Oracle", "Switch"]),
        ("La Nintendo Switch 2 sort en juin.", []),
        ("Le Galaxy S25 de Samsung.", ["Samsung"]),
        ("Une fonction lambda, un client lambda.", []),
        ("Un bail signé par Lambda.", ["Lambda"]),
        ("Le Dakota du Nord s'étend ; un parc ouvre dans le même État.", []),
        ("Un prêt de l'État.", ["État"]),
        ("Tim Dubreuil achète, TIM aussi. Tim achète.", ["Telecom Italia"]),
    ],
)
def test_ordinary_words_are_told_from_names(text: str, expected: list[str]) -> None:
    assert [name for name in names(text) if name != "Nintendo"] == expected


# --- names that no list has ---


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("Nordlys Compute signe un bail.", "Nordlys Compute", "neocloud"),
        ("Un prêt de la Banque Horizon.", "Banque Horizon", "bank"),
        ("Le courant vient de VoltaGrid Energy.", "VoltaGrid Energy", "energy"),
        ("La start-up d’IA Éolia lève des fonds.", "Éolia", "lab"),
        ("Le néocloud norvégien Fjordal s’agrandit.", "Fjordal", "neocloud"),
        ("Le fabricant de puces Corvane livre.", "Corvane", "chips"),
        ("Le fonds Tarkis investit.", "Tarkis", "fund"),
        ("L’opérateur de centres de données Baltex ouvre un site.", "Baltex", "datacenter"),
        ("L'électricien Ardelle vend 400 MW.", "Ardelle", "energy"),
        ("Hier, Mirelle, spécialiste du cloud, a signé.", "Mirelle", "cloud"),
        ("Un contrat signé auprès de Tarkis, un fonds souverain.", "Tarkis", "fund"),
        ("Le loueur de GPU Halden s’équipe.", "Halden", "neocloud"),
        ("Selon le labo Ithaque, tout va bien.", "Ithaque", "lab"),
        ("Un accord avec DataVerde a été conclu.", "DataVerde", "unknown"),
        ("Il se fournit chez Zelkor.", "Zelkor", "unknown"),
        ("Une prise de participation au capital de Brimond.", "Brimond", "unknown"),
        ("Les serveurs iront à la licorne parisienne Nuage Bleu.", "Nuage Bleu", "unknown"),
        ("Un crédit de la Banque du Ponant.", "Banque du Ponant", "bank"),
    ],
)
def test_unlisted_names(text: str, name: str, kind: str) -> None:
    found = [m for m in mentions(text) if m.via in ("shape", "apposition")]
    assert [(m.name, m.type.value, m.known) for m in found] == [(name, kind, False)]
    assert all(text[m.start : m.end] == name for m in found)


@pytest.mark.parametrize(
    "text",
    [
        "Le site de Vierzon ouvrira en mars.",
        "À Lyon, dans le Texas et aux États-Unis, le chantier avance.",
        "La puce GB300 remplace la H100 dans les serveurs Blackwell.",
        "Les Américains et le Norvégien se réjouissent.",
        "Hier, Jean Valmont a parlé à Marie Dubreuil.",
        "Selon le ministre Roland Lescure, tout est prêt.",
        "Le modèle Boréal, la puce Aster et le projet Atlas.",
        "L’IA, les GPU et le PDG.",
        "Concrètement, rien ne change. Résultat : un record.",
        "Au salon VivaTech, en octobre, Noël approche.",
    ],
)
def test_what_is_no_organisation(text: str) -> None:
    assert names(text) == []


def test_short_and_long_forms_are_one() -> None:
    text = "Hélios Compute lève 2 Md€. Avec Hélios, la Banque Horizon prête ; Horizon suit."
    assert names(text) == ["Hélios Compute", "Hélios Compute", "Banque Horizon", "Banque Horizon"]


def test_a_word_is_a_name_where_the_firm_is_named_otherwise_too() -> None:
    assert names("Moonshot préfère Huawei. L'éditeur de Kimi l'a dit.") == ["Moonshot AI", "Huawei", "Moonshot AI"]
    assert names("Le moonshot a échoué. L'éditeur de Kimi l'a dit.") == ["Moonshot AI"]
    assert names("Moonshot préfère Huawei. L'éditeur l'a dit.") == ["Moonshot", "Huawei"]


def test_the_first_words_of_a_listed_name_mean_it_where_the_text_has_it() -> None:
    found = mentions("Bloom équipera les salles. Le contrat de Bloom Energy court sur dix ans, dit Bloom hier.")
    assert [(one.surface, one.name, one.known) for one in found if one.surface.startswith("Bloom")] == [
        ("Bloom", "Bloom Energy", True),
        ("Bloom Energy", "Bloom Energy", True),
        ("Bloom", "Bloom Energy", True),
    ]
    assert not any(one.name == "Bloom Energy" for one in mentions("La société Bloom équipera les salles."))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("La Banque de France prête. Selon le groupe Banque, rien ne presse.", "Banque"),
        ("Texas Instruments fournit les puces. Crusoe construit dans le Texas.", "Texas"),
        ("Morgan Stanley conseille. Piers Morgan, directeur de Nordlys, approuve. Morgan a signé.", "Morgan"),
        ("Applied Digital loue une salle. Selon Applied, elle est prête.", "Applied"),
        ("Bloom Energy livre ses piles. Le Bloom a fermé hier.", "Bloom"),
        ("Bloom Energy livre ses piles. Bloom Ostréa loue une salle. Bloom a signé.", "Bloom"),
    ],
)
def test_words_that_mean_something_else_do_not_mean_a_listed_name(text: str, word: str) -> None:
    listed = {"Banque de France", "Texas Instruments", "Morgan Stanley", "Applied Digital", "Bloom Energy"}
    assert [one.name for one in mentions(text) if one.surface == word and one.name in listed] == []


def test_a_list_makes_its_members() -> None:
    assert names("Les prêteurs : Stenora, Praleka et Natixis.") == ["Stenora", "Praleka", "Natixis"]


def test_a_name_of_the_title_is_known_in_the_body() -> None:
    before = mentions("Le néocloud Fjordal loue 200 MW")
    assert [m.name for m in mentions("Fjordal, hier. Puis Fjordal.", before)] == ["Fjordal", "Fjordal"]


def test_a_description_tells_the_type_of_a_name() -> None:
    found = mentions("Zelkor a conclu l’accord. Le fondeur livrera en mars.")
    assert [(m.surface, m.name, m.type.value) for m in found] == [
        ("Zelkor", "Zelkor", "chips"),
        ("fondeur", "Zelkor", "chips"),
    ]


# --- persons ---


def test_persons_speak_for_their_firm() -> None:
    found = mentions("Jeanne Dupont, PDG de Kaldera, a signé. Dupont s’est réjouie.")
    assert [(m.surface, m.name, m.via) for m in found if m.via == "person"] == [
        ("Jeanne Dupont", "Kaldera", "person"),
        ("Dupont", "Kaldera", "person"),
    ]
    assert means("Le patron de Kaldera, Paul Morin, a signé un contrat.", "Paul Morin") == "Kaldera"


def test_an_analyst_speaks_for_nobody() -> None:
    assert "Pierre Martin" not in [m.surface for m in mentions("Pierre Martin, analyste chez Tarkis, doute.")]


# --- descriptions and pronouns ---


@pytest.mark.parametrize(
    ("text", "words", "name"),
    [
        ("Anthropic signe avec Microsoft. La start-up paiera en 2027.", "start-up", "Anthropic"),
        ("Anthropic signe avec Microsoft. Le groupe paiera en 2027.", "groupe", "Anthropic"),
        ("Anthropic achète à AMD. Le fondeur livrera en 2027.", "fondeur", "AMD"),
        ("CoreWeave équipe Meta. Le loueur de GPU livrera en 2027.", "loueur", "CoreWeave"),
        ("Nvidia investit dans Mistral AI. Le géant américain versera 2 milliards.", "géant", "NVIDIA"),
        ("Tarkis, un fonds, entre chez OpenAI. Le fonds paiera.", "fonds", "Tarkis"),
        ("OpenAI loue à Oracle. Elle paiera en 2027.", "Elle", "OpenAI"),
        (
            "Zelkor va verser 2 Md€ à Aridane. La start-up Zelkor grandit. La start-up utilisera ses GPU.",
            "start-up",
            "Zelkor",
        ),
        ("Corvane investit dans Zelkor. Le fondeur Corvane se tait. Le fondeur a démenti.", "fondeur", "Corvane"),
        ("Microsoft signe avec la start-up Éolia. Celle-ci paiera.", "Celle-ci", "Éolia"),
        ("Microsoft signe avec la start-up Éolia. Cette dernière a payé.", "dernière", "Éolia"),
        ("OpenAI se fournit chez Oracle et paie son fournisseur.", "fournisseur", "Oracle"),
        ("Le néocloud norvégien Fjordal équipe OpenAI. Le groupe norvégien livrera.", "groupe", "Fjordal"),
        (
            "Microsoft renonce. La start-up OpenAI change d’avis. Selon lui, « OK », a indiqué la société.",
            "société",
            "OpenAI",
        ),
    ],
)
def test_descriptions_mean_a_name(text: str, words: str, name: str) -> None:
    assert means(text, words) == name


@pytest.mark.parametrize(
    "text", ["OpenAI paie. Il faut attendre.", "OpenAI paie. Il s’agit d’un bail.", "OpenAI : il y a du neuf."]
)
def test_impersonal_il_means_nobody(text: str) -> None:
    assert [m.via for m in mentions(text) if m.via == "pronoun"] == []


def test_unnamed_parties() -> None:
    found = [
        m for m in mentions("Verdal Cloud a signé avec un hyperscaler et un fonds américain.") if m.via == "unnamed"
    ]
    assert [(m.surface, m.name, m.type.value) for m in found] == [("hyperscaler", "", "cloud"), ("fonds", "", "fund")]


def test_an_apposition_is_no_further_party() -> None:
    assert [m.surface for m in mentions("Avec Tarkis, un fonds souverain, OpenAI signe.")] == ["Tarkis", "OpenAI"]


# --- the registry ---


def test_registry_answers_by_any_spelling() -> None:
    assert REGISTRY.resolve("Azure") == "Microsoft"
    assert REGISTRY.resolve("Silo AI") == "AMD"
    assert REGISTRY.resolve("Personne") == "Personne"
    assert REGISTRY.type_of("nvidia") is OrgType.CHIPS
    assert REGISTRY.type_of("Personne") is OrgType.UNKNOWN
    assert REGISTRY.country_of("OVH") == "FR"


def test_registry_refuses_an_unknown_type() -> None:
    with pytest.raises(ValueError, match="bakery"):
        Registry.from_table({"company": [{"name": "X", "type": "bakery"}]})


def test_without_a_list_all_names_are_unlisted() -> None:
    text = "Zelkor Energy signe avec OpenAI."
    words_only = Registry.from_table({key: value for key, value in TABLE.items() if key != "company"})
    for registry in (words_only, Registry.from_table({})):
        found = find(text, registry=registry, sentences=[(0, len(text))], referents=REFERENTS)
        assert [(m.name, m.known) for m in found] == [("Zelkor Energy", False), ("OpenAI", False)]


# --- properties ---

_PIECES = [
    "OpenAI",
    "Nordlys Compute",
    "d’",
    "le groupe ",
    "Elle ",
    " a ",
    ", ",
    ". ",
    "\n",
    "PDG de ",
    "Jean ",
    "Orange",
    "İß",
    "«",
    "e&",
    " un fonds ",
    "du ",
    "À ",
]


@given(st.lists(st.sampled_from(_PIECES), max_size=40).map("".join))
def test_offsets_hold_and_never_overlap(text: str) -> None:
    found = mentions(text)
    assert all(text[m.start : m.end] == m.surface for m in found)
    assert all(left.end <= right.start for left, right in pairwise(found))
    assert all(m.name or m.via == "unnamed" for m in found)


@pytest.mark.parametrize(
    "piece",
    [
        "La start-up Nordlys signe avec OpenAI. Elle paie. ",
        "le groupe signe avec Microsoft et ",
        "Nord, Vel, ",
        "Orange. ",
    ],
)
def test_time_grows_with_the_text_only(piece: str) -> None:
    def cost(size: int) -> float:
        text = piece * (size // len(piece))
        start = time.process_time()
        mentions(text)
        return time.process_time() - start

    small = min(cost(20_000) for _ in range(3))
    assert cost(200_000) < 40 * small + 0.3


def test_a_name_keeps_the_complement_that_it_never_stands_without() -> None:
    text = (
        "Le producteur Vent d’Iroise vend son courant. Vent d’Iroise compte dix parcs. "
        "L’opérateur Nordlys de Bergen achète. Nordlys s’étend."
    )
    found = {
        text[m.start : m.end]: m.name
        for m in find(text, registry=REGISTRY, sentences=sentences(text), referents=REFERENTS)
    }
    assert found["Vent d’Iroise"] == "Vent d'Iroise"
    assert found["Nordlys"] == "Nordlys"
    assert "Nordlys de Bergen" not in found


# --- what a list cannot tell without the words around ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Soluna Holdings loue des serveurs.", ["Soluna"]),
        ("Un géant livre LG Electronics et Volvo Cars.", ["LG Electronics", "Volvo Cars"]),
        ("Le laboratoire d'Ottawa réserve des puces.", []),
        ("L'aide d'Ottawa suffira.", ["gouvernement canadien"]),
        ("L'État de Washington compte ses campus.", []),
        ("La société d'État compte ses barrages, l'État nippon aussi.", []),
        ("L'État reprend les serveurs.", ["État"]),
        ("Un prêt de 200 millions de RMB, né d'une ICO.", []),
        ("Des heures en plénitude.", []),
        ("« Longtemps. » Ses concurrents le trouvent bavard.", []),
        ("Le géant ouvre une salle. Elle est garantie par un prêt, garanti lui aussi.", []),
    ],
)
def test_words_around_decide_what_a_listed_name_is(text: str, expected: list[str]) -> None:
    assert names(text) == expected
