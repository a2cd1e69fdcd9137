"""Amounts, capacity, accelerators, terms and shares, each way that French news writes them."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.model import Bound
from worker.pipeline.detection.quantities import Dimension, Quantity, find

MONEY, POWER, CHIPS, YEARS, PERCENT = Dimension


def only(text: str) -> Quantity:
    found = find(text)
    assert len(found) == 1, [text[q.start : q.end] for q in found]
    return found[0]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("un chèque de 30 Md$ pour le client", 30e9, "USD"),
        ("un chèque de 30\u00a0Mds\u00a0$ pour le client", 30e9, "USD"),
        ("un chèque de 30 mds de dollars", 30e9, "USD"),
        ("un chèque de 30 milliards de dollars", 30e9, "USD"),
        ("un chèque de 30 milliards $", 30e9, "USD"),
        ("un chèque de $30 Md", 30e9, "USD"),
        ("un chèque de US$ 30 milliards", 30e9, "USD"),
        ("un chèque de 30 G$ US", 30e9, "USD"),
        ("un chèque de 30 G$\u00a0CA", 30e9, "CAD"),
        ("un chèque de 30 milliards de dollars canadiens", 30e9, "CAD"),
        ("un chèque de 12 milliards de dollars américains", 12e9, "USD"),
        ("un chèque de 8,5 Md€", 8.5e9, "EUR"),
        ("un chèque de 8.5 milliards d’euros", 8.5e9, "EUR"),
        ("un chèque de 500 M€", 500e6, "EUR"),
        ("un chèque de €500M", 500e6, "EUR"),
        ("un chèque de 500 k€", 500e3, "EUR"),
        ("un chèque de 20 M EUR", 20e6, "EUR"),
        ("un chèque de 20 M d’euros", 20e6, "EUR"),
        ("un chèque de $14.2bn", 14.2e9, "USD"),
        ("un chèque de 500 millions d'euros", 500e6, "EUR"),
        ("un chèque de trente milliards de dollars", 30e9, "USD"),
        ("un chèque de quatre-vingt-dix milliards d'euros", 90e9, "EUR"),
        ("un chèque de deux cent cinquante millions d'euros", 250e6, "EUR"),
        ("un chèque de septante-cinq millions de francs", 75e6, "CHF"),
        ("un chèque d’un milliard et demi d'euros", 1.5e9, "EUR"),
        ("un chèque de 2 milliards et demi d'euros", 2.5e9, "EUR"),
        ("un chèque d’un demi-milliard de dollars", 0.5e9, "USD"),
        ("passer le milliard de dollars", 1e9, "USD"),
        ("un chèque de 3,5 milliards de livres sterling", 3.5e9, "GBP"),
        ("un chèque de £3,5 Md", 3.5e9, "GBP"),
        ("un chèque de 200 millions de francs suisses", 200e6, "CHF"),
        ("un chèque de 40 milliards de yens", 40e9, "JPY"),
        ("un chèque de 9 000 milliards de wons", 9e12, "KRW"),
        ("un chèque de mille milliards de dollars", 1e12, "USD"),
        ("un chèque de 2\u202f500\u202f000 euros", 2.5e6, "EUR"),
        ("un chèque de 1.200.000 euros", 1.2e6, "EUR"),
        ("un chèque de 1'500'000 CHF", 1.5e6, "CHF"),
        ("un chèque de 4.000 milliards de dollars", 4e12, "USD"),
        ("un chèque de 1,234 milliard d’euros", 1.234e9, "EUR"),
        ("une dette de 1,4 billion de dollars", 1.4e12, "USD"),
        ("une dette de 30 billions de dollars", 30e9, "USD"),
        ("une dette de 30 billion dollars", 30e9, "USD"),
        ("une dette de 1,4 trillion de dollars", 1.4e12, "USD"),
        ("un chèque de trois quarts de milliard d’euros", 0.75e9, "EUR"),
        ("un chèque d’un quart de milliard d’euros", 0.25e9, "EUR"),
        ("un chèque d’un\u202fquart\u2009de\u00a0milliard d’euros", 0.25e9, "EUR"),
        ("un chèque de 45 MDH", 45e6, "MAD"),
        ("un chèque de 1,2 MMDH", 1.2e9, "MAD"),
        ("un chèque de 80 crores de roupies", 800e6, "INR"),
        ("un chèque de 80 millions de ringgits", 80e6, "MYR"),
        ("un chèque de 80 millions de bahts", 80e6, "THB"),
        ("un chèque de 80 millions de rands", 80e6, "ZAR"),
        ("un chèque de 80 millions de dollars néo-zélandais", 80e6, "NZD"),
        ("un chèque de 80 millions de roupies mauriciennes", 80e6, "MUR"),
        ("un chèque de 80 millions de couronnes tchèques", 80e6, "CZK"),
        ("un chèque de 80 millions de riyals qatariens", 80e6, "QAR"),
    ],
)
def test_money_in_every_spelling(text: str, value: float, unit: str) -> None:
    quantity = only(text)
    assert (quantity.dimension, quantity.unit) == (MONEY, unit)
    assert quantity.value == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("un site de 100 MW", 100),
        ("un site de 1,2 GW", 1200),
        ("un site de 1,2 gigawatt", 1200),
        ("un site d’un gigawatt", 1000),
        ("un site d’un demi-gigawatt", 500),
        ("un site de deux gigawatts et demi", 2500),
        ("un site de 40 mégawatts", 40),
        ("un site de 1 200 MW", 1200),
        ("un site d’une centaine de mégawatts", 100),
        ("un site de plusieurs gigawatts", None),
        ("les 30 premiers mégawatts du site", 30),
        ("vingt de ces mégawatts sont loués", 20),
    ],
)
def test_power_in_megawatts(text: str, value: float | None) -> None:
    quantity = only(text)
    assert (quantity.dimension, quantity.value, quantity.unit) == (POWER, value, "MW")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("une grappe de 18 000 GB300", 18_000),
        ("une grappe de 100 000 GPU", 100_000),
        ("une grappe de 100,000 GPU", 100_000),
        ("une grappe de 400.000 puces", 400_000),
        ("une grappe d’un million de TPU", 1_000_000),
        ("une grappe de 2,1 millions de puces", 2_100_000),
        ("une grappe de 5 000 cartes graphiques", 5_000),
        ("une grappe de 18 000 NVIDIA GB300", 18_000),
        ("une grappe de 7 000 nouveaux accélérateurs", 7_000),
        ("une grappe de dix mille processeurs graphiques", 10_000),
        ("des centaines de milliers de GPU", None),
        ("elle loue 3 000 de ses processeurs", 3_000),
        ("elle loue 3 000 de ses propres puces", 3_000),
        ("douze systèmes CS-3", 12),
        ("2 048 superpuces", 2_048),
        ("500 Grace Blackwell", 500),
        ("les accélérateurs, au nombre de 640, arrivent", 640),
        ("les accélérateurs, au\u202fnombre de\u00a0640, arrivent", 640),
        ("les cartes, 640 au total, arrivent", 640),
    ],
)
def test_accelerators(text: str, value: float | None) -> None:
    quantity = only(text)
    assert (quantity.dimension, quantity.value, quantity.unit) == (CHIPS, value, "chips")


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("un contrat de sept ans", 7),
        ("un contrat d’achat d’électricité (PPA) de 15 ans", 15),
        ("un bail de 20 ans", 20),
        ("un accord de fourniture sur quinze ans", 15),
        ("loué pour une durée de 15 ans", 15),
        ("étalé sur les cinq prochaines années", 5),
        ("réservé sur 18 mois", 1.5),
        ("payer 30 Md$ en dix ans", 10),
        ("payer 30 Md$ au cours des dix prochaines années", 10),
        ("un contrat décennal", 10),
        ("dix ans de location", 10),
        ("louer 40 serveurs pendant une décennie", 10),
        ("une dette étalée sur quatre exercices", 4),
        ("payer 30 Md$ en vingt-quatre mensualités", 2),
        ("étalé sur un quinquennat", 5),
        ("étalé sur\u00a0un\u202fquinquennat", 5),
        ("une dette verte à 25 ans", 25),
        ("un prêt de 30 Md$ à 25 ans", 25),
        ("des obligations garanties à sept ans", 7),
        ("un crédit de 30 Md$, à sept ans", 7),
        ("un prêt de 30 millions d’euros à trois ans et demi", 3.5),
        ("la ligne arrive à échéance dans six ans", 6),
        ("la durée, vingt-cinq ans, est rare", 25),
    ],
)
def test_terms(text: str, years: float) -> None:
    assert [q.value for q in find(text) if q.dimension is YEARS] == [years]


@pytest.mark.parametrize(
    "text",
    [
        "la firme est née il y a cinq ans",
        "le site ouvrira d’ici 2030",
        "il court jusqu’en 2032",
        "son patron, 38 ans, se réjouit",
        "le titre cédait du terrain vers 16h00",
        "un contrat pluriannuel",
        "le plan quinquennal chinois",
        "le plan\u202fquinquennal chinois",
        "les dettes, explique-t-il à 40 ans",
        "une ligne de 20 MVA",
        "une production de 500 MWh par jour",
        "une puce de 140 milliards de transistors",
        "12 millions d’abonnés",
        "la GB300 remplace la H100",
        "cinq opérateurs et deux banques",
        "un exercice difficile",
        "livré en 2024 des serveurs",
        "Ils sont douze",
    ],
)
def test_what_is_no_quantity(text: str) -> None:
    assert find(text) == ()


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("pour 40 milliards de dollars", Bound.EXACT),
        ("pour environ 40 milliards de dollars", Bound.ABOUT),
        ("pour près de 40 milliards de dollars", Bound.ABOUT),
        ("pour quelque 40 milliards de dollars", Bound.ABOUT),
        ("de l’ordre de 40 milliards de dollars", Bound.ABOUT),
        ("estimé à 40 milliards de dollars", Bound.ABOUT),
        ("pour 40 milliards de dollars environ", Bound.ABOUT),
        ("une quarantaine de milliards de dollars", Bound.ABOUT),
        ("jusqu’à 40 milliards de dollars", Bound.UP_TO),
        ("jusqu'à environ 40 milliards de dollars", Bound.UP_TO),
        ("pouvant atteindre 40 milliards de dollars", Bound.UP_TO),
        ("40 milliards de dollars au maximum", Bound.UP_TO),
        ("au plus 40 milliards de dollars", Bound.UP_TO),
        ("plus de 40 milliards de dollars", Bound.AT_LEAST),
        ("au moins 40 milliards de dollars", Bound.AT_LEAST),
        ("une somme qui dépasse les 40 milliards de dollars", Bound.AT_LEAST),
        ("40 milliards de dollars de plus", Bound.EXACT),
        ("dans les 40 milliards de dollars", Bound.ABOUT),
        ("une facture qui frise les 40 milliards de dollars", Bound.ABOUT),
        ("un montant voisin de 40 milliards de dollars", Bound.ABOUT),
        ("un peu moins de 40 milliards de dollars", Bound.ABOUT),
        ("40 milliards de dollars, à la louche", Bound.ABOUT),
        ("chiffré à 40 milliards de dollars", Bound.EXACT),
        ("un ordre de 40 milliards de dollars", Bound.EXACT),
        ("qui peut grimper à 40 milliards de dollars", Bound.UP_TO),
        ("montant maximal : 40 milliards de dollars", Bound.UP_TO),
        ("valeur plancher du marché, 40 milliards de dollars", Bound.AT_LEAST),
    ],
)
def test_limits(text: str, bound: Bound) -> None:
    assert only(text).bound is bound


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("valorisée 5 milliards de dollars, elle lève 2 milliards", ["valuation", ""]),
        ("une capitalisation de 40 milliards de dollars", ["valuation"]),
        ("une valorisation de 9 milliards de dollars, contre 4 milliards en mai", ["valuation", "valuation"]),
        ("un chiffre d’affaires de 3 milliards d’euros", ["revenue"]),
        ("3 milliards d’euros de revenus", ["revenue"]),
        ("un bénéfice net de 3 milliards d’euros", ["result"]),
        ("un coût de 50 milliards de dollars par gigawatt", ["per_unit"]),
        ("30 dollars par action", ["share_price"]),
        ("deux tranches de 500 millions d’euros chacune", [""]),
        ("40 euros par mégawattheure", ["per_unit"]),
        ("le programme Aurore, de 500 milliards de dollars", ["programme"]),
        ("30 milliards de dollars (environ 26 milliards d’euros)", ["", "converted"]),
        ("30 milliards de dollars, soit 26 milliards d’euros", ["", "converted"]),
        ("des dépenses d’investissement de 70 milliards de dollars", ["capex"]),
        ("ce qui porte l’ensemble à 19 milliards de dollars", ["total"]),
        ("un carnet de commandes de 19 milliards de dollars", ["revenue"]),
        ("un contrat de 19 milliards de dollars", [""]),
        ("2 millions d’euros par an, soit 30 millions sur la durée", ["per_unit", ""]),
        ("un contrat pluriannuel d’environ 2 milliards de dollars", [""]),
        ("2 millions d’euros l’an prochain", [""]),
        ("Kaplan et Hypertec se partagent 2 millions d’euros", [""]),
        ("au bénéfice de la ville pour 2 millions d’euros", [""]),
    ],
)
def test_roles_of_what_no_flow_carries(text: str, roles: list[str]) -> None:
    assert [q.role for q in find(text) if q.dimension is MONEY] == roles


@pytest.mark.parametrize(
    "text",
    [
        "12 à 15 milliards de dollars",
        "entre 10 et 15 milliards de dollars",
        "10-15 milliards de dollars",
        "des dizaines de milliards de dollars",
        "plusieurs milliards de dollars",
    ],
)
def test_ranges_and_vague_sizes_have_no_value(text: str) -> None:
    quantity = only(text)
    assert (quantity.value, quantity.unit) == (None, "USD")


def test_range_of_two_whole_amounts_has_no_value() -> None:
    assert [q.value for q in find("entre 10 milliards et 15 milliards de dollars")] == [None, None]


def test_rise_keeps_its_end() -> None:
    assert only("le prêt passe de 10 à 15 milliards de dollars").value == 15e9


def test_currency_is_carried_on_and_back() -> None:
    assert [q.unit for q in find("10 milliards d’euros, puis 5 milliards et 40 millions")] == ["EUR"] * 3
    assert [q.unit for q in find("De 5 milliards, on passe à un contrat qui vaut 10 milliards de dollars.")] == [
        "USD"
    ] * 2
    assert [q.unit for q in find("30 milliards de dollars (26 milliards d’euros), puis 5 milliards")][-1] == "USD"
    assert only("un contrat de 5 milliards").unit == ""


def test_understood_unit() -> None:
    values = [q.value for q in find("Elle investit 5 milliards de dollars et pourra en ajouter jusqu’à 20, plus tard.")]
    assert values == [5e9, 20e9]


def test_share() -> None:
    quantity = only("elle détient 4,5 % du capital")
    assert (quantity.dimension, quantity.value) == (PERCENT, 4.5)


def _words(number: int) -> str:
    ones = [
        "zéro",
        "un",
        "deux",
        "trois",
        "quatre",
        "cinq",
        "six",
        "sept",
        "huit",
        "neuf",
        "dix",
        "onze",
        "douze",
        "treize",
        "quatorze",
        "quinze",
        "seize",
    ]
    tens = {2: "vingt", 3: "trente", 4: "quarante", 5: "cinquante", 6: "soixante", 8: "quatre-vingt"}
    if number <= 16:
        return ones[number]
    if number < 20:
        return f"dix-{ones[number - 10]}"
    base, rest = divmod(number, 10)
    if base in (7, 9):
        base, rest = base - 1, rest + 10
    joint = " et " if rest in (1, 11) and base != 8 else "-"
    return tens[base] + (joint + _words(rest) if rest else "s" if base == 8 else "")


@given(
    st.integers(2, 99),
    st.sampled_from(["{} milliards de dollars", "{} Md$", "{}\u00a0Mds\u00a0$", "{} G$", "{} milliards $", "$ {} Md"]),
)
def test_any_amount_comes_back(number: int, form: str) -> None:
    text = f"L’accord porte sur {form.format(number)} au départ."
    quantity = only(text)
    assert (quantity.value, quantity.unit) == (number * 1e9, "USD")
    assert text[quantity.start : quantity.end] == form.format(number)


@given(st.integers(2, 99))
def test_any_numeral_in_words_comes_back(number: int) -> None:
    assert only(f"un prêt de {_words(number)} milliards d’euros").value == number * 1e9


@given(st.integers(1_000, 9_999_999), st.sampled_from([" ", "\u00a0", "\u202f", "."]))
def test_any_grouped_number_comes_back(number: int, mark: str) -> None:
    grouped = f"{number:,}".replace(",", mark)
    assert only(f"il versera {grouped} euros").value == number


@given(st.integers(1, 999), st.integers(1, 9))
def test_any_decimal_comes_back(whole: int, tenth: int) -> None:
    assert only(f"un apport de {whole},{tenth} Md€").value == pytest.approx((whole + tenth / 10) * 1e9)


@given(st.text(alphabet=st.sampled_from("0123456789 .,'’-€$%MdGWmilardsounàet\u00a0\n()İß"), max_size=200))
def test_offsets_hold_and_never_overlap(text: str) -> None:
    found = find(text)
    assert all(0 <= q.start < q.end <= len(text) for q in found)
    assert all(left.end <= right.start for left, right in pairwise(found))


@pytest.mark.parametrize(
    "piece",
    [
        "un ",
        "12 345 ",
        "jusqu’à 5 milliards de dollars, ",
        "deux cent ",
        "1.000",
        "des milliards ",
        "5 GPU et en prendre 75 de plus, ",
        "3 000 unités ",
        "5 GPU 3 millions ",
        "7 milliards et Ab cd ef gh 12, ",
    ],
)
def test_time_grows_with_the_text_only(piece: str) -> None:
    def cost(size: int) -> float:
        text = piece * (size // len(piece))
        start = time.process_time()
        find(text)
        return time.process_time() - start

    # Four times the text: four times the time where it is linear, sixteen times where it is quadratic.
    small, large = (min(cost(size) for _ in range(3)) for size in (50_000, 200_000))
    assert large < 8 * small + 0.01
