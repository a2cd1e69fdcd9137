"""The paragraphs of an article without what sites put between and behind them. Read by `articles`, below it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from worker.text import fold, one_line

_ASIDE_LENGTH = 400
_CUT_LENGTH = 500
# Paragraphs that lead away from the article. They name other news, so a detector that reads them reports it again.
_ASIDE = re.compile(
    r"(?:[àa] (?:re)?lire\b|lire (?:aussi|également|la suite)|(?:[àa] )?voir (?:aussi|également)|"
    r"à (?:découvrir|écouter)\b|[àa] ne pas manquer|pour aller plus loin|sur le même (?:sujet|thème)|"
    r"(?:en savoir plus|notre dossier)\b|(?:suivez|abonnez|inscrivez)[- ](?:nous|vous)\b|s['’](?:abonner|inscrire)\b|"
    r"partager (?:sur|cet article|l['’]article)|recevez (?:nos|notre|chaque|toute|le|la)|"
    r"cr[ée]dits? (?:photos?|images?|:)|©|read (?:also|more)\b)",
    re.IGNORECASE,
)
# Lines that are nothing but furniture.
_FURNITURE = re.compile(
    r"publicité|advertisement|newsletters?|partager|imprimer|commenter|\d* ?commentaires?|sommaire|copier le lien|"
    r"facebook|twitter|linkedin|x|whatsapp|mail|temps de lecture.{0,20}|\d+ min(?:utes)?(?: de lecture)?|"
    r"lire plus tard",
    re.IGNORECASE,
)
# A lead-in that stands alone is followed by the title of what it leads to.
_LEAD_IN = re.compile(r"[^.]{3,40}?\s*:?", re.DOTALL)
# What a cut text ends with.
_CUT = re.compile(
    r"(?:la suite|contenu|article)(?: \w+){0,3} réservée?s? (?:à|aux) (?:nos )?(?:abonn|membre)|réservé aux abonnés|"
    r"il vous reste \d+ ?% |pour lire la suite|débloquez cet article|déjà abonnée?|"
    r"(?:abonnez|connectez|identifiez|inscrivez)[- ]vous pour (?:lire|accéder|continuer|poursuivre|consulter)|"
    r"subscribe to (?:read|continue)|poursuivez votre lecture",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Prose:
    """Paragraphs, a blank line between them; `cut` where the page itself says that the rest is for subscribers."""

    text: str
    cut: bool


def tidy(lines: Iterable[str], title: str, limit: int) -> Prose:
    """Return paragraphs without asides, furniture, repeats and the title, at most `limit` characters."""
    seen = {fold(title)}
    kept: list[str] = []
    size, cut, lead_in = 0, False, False
    for line in lines:
        line = one_line(line.strip().removeprefix("- "))
        if len(line) < _CUT_LENGTH and _CUT.search(line):
            cut = True
            continue
        aside = len(line) < _ASIDE_LENGTH and bool(_ASIDE.match(line))
        followed, lead_in = lead_in, aside and bool(_LEAD_IN.fullmatch(line))
        linked = followed and len(line) < 160 and not line.endswith((".", "!", "…"))
        if not line or aside or linked or _FURNITURE.fullmatch(line) or fold(line) in seen:
            continue
        seen.add(fold(line))
        if size + len(line) > limit:
            break
        kept.append(line)
        size += len(line) + 2
    return Prose("\n\n".join(kept), cut)
