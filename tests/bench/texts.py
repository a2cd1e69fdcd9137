"""Ordinary French items and articles, made from parts: what a feed brings that is no deal."""

from __future__ import annotations

import random
from collections.abc import Iterator

from worker.model import Article

_WHO = (
    "La mairie de Rennes", "Le ministre de l'Agriculture", "Une équipe de l'université de Lyon", "Le club de Lens",
    "L'association des éleveurs", "La chanteuse", "Le tribunal de Nanterre", "Apple", "La SNCF", "Carrefour",
    "Le romancier", "La start-up lilloise Bocadel", "Orange", "L'Assemblée nationale", "Google", "Michelin",
    "Une enseigne de bricolage", "Le festival d'Avignon", "Samsung", "Le syndicat des pharmaciens", "Ubisoft",
)  # fmt: skip
_DOES = (
    "a présenté mardi un plan contre la sécheresse", "lance une application de covoiturage",
    "ouvre un magasin de 1 200 mètres carrés", "publie un bénéfice en hausse de 4 %",
    "réclame 12 millions d'euros de dommages", "teste un bus sans chauffeur dans trois communes",
    "rappelle 40 000 sèche-linge", "dévoile un téléphone pliant à 1 299 euros", "cherche deux cents apprentis",
    "revoit ses tarifs à partir du 1er juin", "a gagné contre toute attente", "signe un accord avec les syndicats",
    "met à jour son assistant vocal, dopé à l'intelligence artificielle", "veut interdire les écrans avant six ans",
    "achète une usine de jouets dans le Jura", "fête ses cinquante ans par un concert gratuit",
)  # fmt: skip
_MORE = (
    "Les habitants, réunis lundi soir dans la salle des fêtes, se disent partagés.",
    "« Nous avons besoin de temps », explique la directrice, qui promet une réponse avant l'été.",
    "Selon un sondage, 62 % des personnes interrogées approuvent la mesure.",
    "Le coût, évalué à 3,4 millions d'euros, sera partagé entre la région et l'État.",
    "L'an dernier, une tentative comparable avait échoué faute de candidats.",
    "Les premiers essais auront lieu à l'automne, sur deux lignes et pendant six mois.",
    "La concurrence n'est pas restée les bras croisés : trois rivaux proposent déjà un service semblable.",
    "À la Bourse de Paris, le titre a terminé en légère baisse, à 41,20 euros.",
    "Les agriculteurs demandent surtout de l'eau, et un prix qui ne change pas chaque semaine.",
    "Le modèle d'intelligence artificielle choisi tourne sur le téléphone, sans passer par le nuage.",
    "Une pétition a réuni 18 000 signatures en quatre jours.",
    "Le chantier, commencé en 2023, emploie cent vingt personnes venues de toute la vallée.",
    "La météo, clémente ces derniers jours, devrait se gâter avant le week-end.",
    "Rien n'est encore décidé, insiste l'entourage du maire, qui renvoie à la prochaine séance.",
)  # fmt: skip


def items(count: int, *, seed: int = 1) -> list[tuple[str, str]]:
    """Return `count` titles with summaries, about 300 characters together."""
    chance = random.Random(seed)
    found = []
    for _ in range(count):
        title = f"{chance.choice(_WHO)} {chance.choice(_DOES)}"
        found.append((title, " ".join(chance.sample(_MORE, 3))[: max(300 - len(title), 0)]))
    return found


def articles(count: int, *, size: int = 2_500, seed: int = 2) -> Iterator[Article]:
    """Yield `count` ordinary articles of about `size` characters."""
    chance = random.Random(seed)
    for number, (title, summary) in enumerate(items(count, seed=seed)):
        text = f"{chance.choice(_WHO)} {chance.choice(_DOES)}."
        while len(text) < size:
            parts = [*chance.sample(_MORE, 2), f"{chance.choice(_WHO)} {chance.choice(_DOES)}."]
            text += "\n\n" + " ".join(parts)
        yield Article(id=f"ordinary-{number}", title=title, summary=summary, text=text[:size])
