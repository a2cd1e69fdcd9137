"""Plain French news without end for the soak: deals between firms that occur nowhere else, and what only looks alike.

Every firm is invented. A deal's two names are its own, so no two deals are one story.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tests.bench import texts
from worker.demo.script import Piece
from worker.model import Article

_HEADS = (
    "Bal", "Cor", "Dal", "Fer", "Gal", "Hel", "Jor", "Kel", "Lor", "Mar", "Nor", "Oph", "Per", "Quir", "Ros", "Sal",
    "Tor", "Ul", "Vel", "Zan", "Ar", "Bel", "Cam", "Dor", "Far", "Gor", "Hal", "Kor", "Lan", "Mel",
)  # fmt: skip
_MIDDLES = ("va", "di", "mo", "re", "ni", "lo", "sa", "tu", "be", "go", "fi", "pa", "cu", "zo", "ra", "me")
_TAILS = ("dane", "lis", "vex", "mont", "quel", "rand", "thel", "nox", "bert", "gane", "pide", "struc", "vonne", "zar")
_PLACES = ("Brest", "Dunkerque", "Saclay", "Mulhouse", "Fos-sur-Mer", "Chartres", "Niort", "Le Havre", "Limoges")
_REPEATED = 5  # one deal in so many is printed by a second outlet, word for word
_LOOK_ALIKES = 3  # for each deal


@dataclass(frozen=True, slots=True)
class _Deal:
    """How one kind of deal is told; the names are filled in."""

    title: str
    summary: str
    text: str


_DEALS = (
    _Deal(
        "{payer} signe un contrat de {amount} millions d’euros avec {payee} pour entraîner ses modèles",
        "Pendant {years} ans, la start-up d’IA louera des GPU à l’hébergeur.",
        "La start-up d’intelligence artificielle {payer} a signé {{jour}} un contrat de {amount} millions d’euros avec "
        "l’hébergeur {payee}. Pendant {years} ans, elle lui louera les grappes de GPU sur lesquelles seront entraînés "
        "ses prochains modèles de langage.\n\nLes serveurs seront installés à {place}. {payee} assure pouvoir mettre "
        "en service la première tranche avant l’été.",
    ),
    _Deal(
        "{payer} commande {chips} processeurs graphiques à {payee} pour {amount} millions d’euros",
        "Les accélérateurs d’IA équiperont un centre de données à {place}.",
        "L’exploitant de centres de données {payer} a commandé {{jour}} {chips} processeurs graphiques au fabricant de "
        "puces {payee}, pour {amount} millions d’euros. Ces accélérateurs serviront au calcul d’intelligence "
        "artificielle.\n\nLes premières livraisons sont attendues à {place} dans six mois, a précisé {payer}.",
    ),
    _Deal(
        "{payer} investit {amount} millions d’euros dans {payee}, spécialiste du calcul pour l’IA",
        "Le fonds prend une participation minoritaire dans l’hébergeur de GPU.",
        "Le fonds {payer} a annoncé {{jour}} qu’il investissait {amount} millions d’euros dans {payee}, un "
        "fournisseur de capacités de calcul pour l’intelligence artificielle. L’opération prend la forme d’une "
        "augmentation de capital.\n\n{payee} consacrera cet argent à l’achat de GPU et à un centre de données à "
        "{place}.",
    ),
    _Deal(
        "{payer} achète {megawatts} mégawatts d’électricité à {payee} pour ses centres de données d’IA",
        "Le contrat, d’une durée de {years} ans, alimentera le site de {place}.",
        "L’opérateur de centres de données {payer} a signé {{jour}} un contrat d’achat d’électricité de {years} ans "
        "avec le producteur {payee}. Il porte sur {megawatts} mégawatts.\n\nLe courant alimentera les salles que "
        "{payer} réserve à l’entraînement de modèles d’intelligence artificielle, à {place}.",
    ),
)


@dataclass(slots=True)
class Wire:
    """Writes pieces for `outlets`, seeded; every deal has the number of its story as `story`."""

    outlets: tuple[str, ...]
    chance: random.Random
    _names: Iterator[str] = field(init=False)
    _count: int = 0

    def __post_init__(self) -> None:
        names = [head + middle + tail for head in _HEADS for middle in _MIDDLES for tail in _TAILS]
        self.chance.shuffle(names)
        self._names = iter(names)

    def batch(self) -> list[Piece]:
        """Return one deal, now and then its copy by another outlet, and look-alikes, in no order."""
        self._count += 1
        deal = self._deal(f"deal-{self._count}")
        pieces = [deal, *self._look_alikes()]
        if self._count % _REPEATED == 0:
            other = self.chance.choice([outlet for outlet in self.outlets if outlet != deal.outlet])
            pieces.append(replace(deal, id=f"{deal.id}-copy", outlet=other))
        self.chance.shuffle(pieces)
        return pieces

    def filler(self, outlet: str) -> list[Piece]:
        """Return one look-alike for `outlet`."""
        self._count += 1
        return [replace(next(self._look_alikes()), outlet=outlet)]

    def _deal(self, story: str) -> Piece:
        told = self.chance.choice(_DEALS)
        words = {
            "payer": next(self._names),
            "payee": next(self._names),
            "amount": self.chance.randrange(110, 990, 10),
            "chips": f"{self.chance.randrange(2, 60)} 000",
            "megawatts": self.chance.randrange(120, 900, 10),
            "years": self.chance.randrange(3, 15),
            "place": self.chance.choice(_PLACES),
        }
        return Piece(
            id=story,
            outlet=self.chance.choice(self.outlets),
            wave=0,
            story=story,
            title=told.title.format(**words),
            summary=told.summary.format(**words),
            text=told.text.format(**words),
            author="Camille Aubry",
        )

    def _look_alikes(self) -> Iterator[Piece]:
        seed = self.chance.randrange(2**32)
        for number, article in enumerate(texts.articles(_LOOK_ALIKES, size=1_500, seed=seed)):
            name = f"alike-{self._count}-{number}"
            # A number of its own, or it would be known as a copy of an earlier one.
            yield Piece(
                id=name,
                outlet=self.chance.choice(self.outlets),
                wave=0,
                story="",
                title=f"{article.title} ({self._count}.{number})",
                summary=article.summary,
                text=article.text,
                author="Camille Aubry",
            )


def as_article(piece: Piece) -> Article:
    """Return a piece as the detector would be given it."""
    return Article(id=piece.id, title=piece.title, summary=piece.summary, text=piece.text, published=piece.published)
