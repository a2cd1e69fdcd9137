"""A made-up press: any number of plain French articles on deals, each with firms of its own, and look-alikes."""

from __future__ import annotations

import random
from collections.abc import Iterator

from worker.demo.script import Outlet, Piece, Planted, Script

OUTLETS = (
    Outlet("lettre-calcul", "La Lettre du calcul", "Presse Alizé", "rss2", "utf-8"),
    Outlet("gazette-serveurs", "La Gazette des serveurs", "Éditions du Bastion", "atom", "utf-8"),
    Outlet("echo-puces", "L’Écho des puces", "Groupe Caravelle", "json", "utf-8"),
    Outlet("matin-megawatt", "Le Matin du mégawatt", "Médias Farandole", "rss2", "utf-8"),
)

_HEADS = (
    "Alber", "Balt", "Cardi", "Delv", "Ervan", "Fjord", "Galvan", "Hespér", "Istri", "Jovel", "Kerm", "Lumin", "Morv",
    "Nacel", "Orphéa", "Pélag", "Quintar", "Rivel", "Sarmen", "Tréval", "Ulmer", "Vesp", "Wallen", "Xanth", "Yvel",
    "Zéphir", "Brumal", "Cassin", "Dorval", "Fulgur",
)  # fmt: skip
_TAILS = ("ane", "ix", "oria", "ède", "unis", "élo", "anthe", "isse", "orne", "ule", "adis", "ique", "ombe", "elle")

_DEALS = (
    (
        "{a} signe un contrat de {n} millions d’euros avec {b} Cloud pour entraîner ses modèles",
        "Pendant {y} ans, la start-up d’intelligence artificielle louera des GPU à l’hébergeur.",
        "La start-up d’intelligence artificielle {a} a signé {{jour}} un contrat de {n} millions d’euros avec "
        "l’hébergeur {b} Cloud. Pendant {y} ans, elle lui louera des grappes de GPU où seront entraînés ses modèles.",
    ),
    (
        "{b} Compute fournira pour {n} millions d’euros de capacité de calcul à {a}",
        "Le laboratoire d’intelligence artificielle s’engage pour {y} ans auprès de l’opérateur de cloud.",
        "Le laboratoire d’intelligence artificielle {a} a annoncé {{jour}} qu’il achète pour {n} millions d’euros de "
        "capacité de calcul à l’opérateur de cloud {b} Compute, sur {y} ans.",
    ),
    (
        "{a} Cloud commande {k} accélérateurs à {b} pour {n} millions d’euros",
        "L’opérateur de cloud équipera ses centres de données de puces destinées à l’intelligence artificielle.",
        "L’opérateur de cloud {a} Cloud a commandé {{jour}} {k} accélérateurs d’intelligence artificielle au fabricant "
        "de puces {b}, pour un montant de {n} millions d’euros. Les livraisons dureront {y} ans.",
    ),
    (
        "{a} investit {n} millions d’euros dans le laboratoire d’intelligence artificielle {b}",
        "Le fabricant de puces entre au capital du laboratoire, dont les modèles tournent sur ses accélérateurs.",
        "Le fabricant de puces {a} a annoncé {{jour}} qu’il investit {n} millions d’euros dans le laboratoire "
        "d’intelligence artificielle {b}, dont il devient actionnaire minoritaire.",
    ),
)  # fmt: skip

_SILENT = (
    (
        "{a} nomme une nouvelle directrice de l’intelligence artificielle",
        "L’ancienne directrice de la recherche de {b} prend ses fonctions le mois prochain.",
        "Le groupe {a} a nommé {{jour}} une directrice de l’intelligence artificielle. Elle dirigeait jusqu’ici la "
        "recherche de {b} et aura {k} salariés sous ses ordres.",
    ),
    (
        "{a} publie un chiffre d’affaires de {n} millions d’euros, en hausse de {y} %",
        "Le groupe de services en ligne dit profiter de l’intelligence artificielle, comme son rival {b}.",
        "{a} a publié {{jour}} un chiffre d’affaires trimestriel de {n} millions d’euros, en hausse de {y} % en un an. "
        "Le bénéfice progresse moins vite que celui de son rival {b}.",
    ),
    (
        "Le nouveau modèle de langage de {a} dépasse celui de {b} dans {y} épreuves",
        "L’assistant répond plus vite et se trompe moins, selon une étude universitaire.",
        "Le modèle de langage que {a} a présenté {{jour}} dépasse celui de {b} dans {y} épreuves sur {k}, selon une "
        "étude menée par une équipe universitaire. Il est ouvert à tous dès aujourd’hui.",
    ),
)  # fmt: skip

_MORE = (
    "« Nous avancions à tâtons, nous voyons enfin la route », confie un porte-parole.",
    "Les équipes techniques des deux maisons travaillent ensemble depuis le printemps.",
    "La presse spécialisée en parlait à mots couverts depuis plusieurs semaines.",
    "À la cafétéria, la nouvelle a été saluée par une salve d’applaudissements.",
    "Un observateur du secteur y voit le signe d’un marché qui mûrit.",
    "La direction n’a pas souhaité dévoiler le calendrier précis.",
    "Les syndicats demandent à être associés à la suite.",
    "Le maire de la commune se dit heureux et un peu surpris.",
    "Une conférence doit se tenir à l’automne pour faire le point.",
    "Les clients actuels ne verront aucune différence, promet-on.",
    "Plusieurs concurrents suivent le dossier de près.",
    "Le siège restera dans la région, assure la fondatrice.",
)


def script(chance: random.Random, *, deals: int, silent: int, waves: int) -> Script:
    """Return a play of `waves` waves after an opening one that tells no deal; no firm stands in two articles."""
    names = _names(chance)
    pieces = [_silent(chance, names, f"ouverture-{number}", outlet.id, 0) for number, outlet in enumerate(OUTLETS)]
    planted = []
    kinds = [True] * deals + [False] * silent
    chance.shuffle(kinds)
    for number, deal in enumerate(kinds):
        outlet, wave = OUTLETS[number % len(OUTLETS)].id, 1 + number * waves // len(kinds)
        name = f"article-{number:03d}"
        if deal:
            pieces.append(_deal(chance, names, name, outlet, wave))
            planted.append(Planted(name, pieces[-1].title, ("deal.detected",)))
        else:
            pieces.append(_silent(chance, names, name, outlet, wave))
    return Script(OUTLETS, tuple(planted), tuple(pieces))


def _names(chance: random.Random) -> Iterator[str]:
    found = [head + tail for head in _HEADS for tail in _TAILS]
    chance.shuffle(found)
    # Where one run of names does for no more, a second syllable makes others.
    return iter([*found, *(f"{name[:-1]}andre" for name in found)])


def _words(chance: random.Random, names: Iterator[str]) -> dict[str, object]:
    return {
        "a": next(names),
        "b": next(names),
        "n": chance.randrange(60, 990),
        "k": f"{chance.randrange(2, 60)} 000",
        "y": chance.randrange(3, 12),
    }


def _body(chance: random.Random, first: str) -> str:
    return "\n\n".join([first, *chance.sample(_MORE, 4)])


def _deal(chance: random.Random, names: Iterator[str], name: str, outlet: str, wave: int) -> Piece:
    title, summary, first = chance.choice(_DEALS)
    words = _words(chance, names)
    text = _body(chance, first.format(**words))
    return Piece(name, outlet, wave, name, title.format(**words), summary.format(**words), text, "La rédaction")


def _silent(chance: random.Random, names: Iterator[str], name: str, outlet: str, wave: int) -> Piece:
    title, summary, first = chance.choice(_SILENT)
    words = _words(chance, names)
    text = _body(chance, first.format(**words))
    return Piece(name, outlet, wave, "", title.format(**words), summary.format(**words), text, "La rédaction")
