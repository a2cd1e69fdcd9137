"""The words of the messages, in French and in English."""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES = ("fr", "en")

# Each phrase: (French, English). In French a no-break space stands before the colon, as print has it.
_PHRASES: Mapping[str, tuple[str, str]] = {
    "colon": ("\u00a0: ", ": "),
    "unnamed": ("non nommé", "not named"),
    "and_more_flows": ("+ {count} flux", "+ {count} more"),
    "subject.updated": ("Mise à jour\u00a0: {rest}", "Update: {rest}"),
    "subject.cancelled": ("Annulé\u00a0: {rest}", "Cancelled: {rest}"),
    "subject.loop": ("Boucle\u00a0: {rest}", "Loop: {rest}"),
    "subject.and_loop": ("referme une boucle", "closes a loop"),
    "subject.in_loop": ("dans une boucle", "in a loop"),
    "subject.digest": ("{count} opérations relevées", "{count} deals found"),
    "subject.digest_one": ("Une opération relevée", "One deal found"),
    "subject.test": ("Alerte d’essai", "Test alert"),
    "subject.system": ("Message de service", "Service notice"),
    "badge.deal.detected": ("Nouvelle opération", "New deal"),
    "badge.deal.updated": ("Mise à jour", "Update"),
    "badge.deal.cancelled": ("Annulation", "Cancelled"),
    "badge.loop.closed": ("Boucle d’argent", "Loop of money"),
    "badge.digest": ("Récapitulatif", "Digest"),
    "badge.test": ("Essai", "Test"),
    "badge.system": ("Service", "Service"),
    "kind.compute": ("capacité de calcul", "computing capacity"),
    "kind.chips": ("puces", "chips"),
    "kind.equity": ("prise de participation", "equity investment"),
    "kind.debt": ("financement par la dette", "debt financing"),
    "kind.site": ("centres de données", "data centres"),
    "kind.power": ("électricité", "power"),
    "kind.acquisition": ("rachat", "acquisition"),
    "kind.partnership": ("partenariat", "partnership"),
    "of.compute": ("{figure} de capacité de calcul", "{figure} of computing capacity"),
    "of.chips": ("{figure} de puces", "{figure} of chips"),
    "of.equity": ("{figure} investis au capital", "{figure} equity investment"),
    "of.debt": ("{figure} de dette", "{figure} of debt"),
    "of.site": ("{figure} pour des centres de données", "{figure} for data centres"),
    "of.power": ("{figure} d’électricité", "{figure} of power"),
    "of.acquisition": ("rachat pour {figure}", "acquisition for {figure}"),
    "of.partnership": ("partenariat à {figure}", "partnership at {figure}"),
    "status.announced": ("annoncé", "announced"),
    "status.reported": ("selon la presse", "reported"),
    "status.option": ("en option", "option"),
    "status.cancelled": ("annulé", "cancelled"),
    "bound.exact": ("{figure}", "{figure}"),
    "bound.about": ("environ {figure}", "about {figure}"),
    "bound.up_to": ("jusqu’à {figure}", "up to {figure}"),
    "bound.at_least": ("au moins {figure}", "at least {figure}"),
    "chips.one": ("{count} puce", "{count} chip"),
    "chips.many": ("{count} puces", "{count} chips"),
    "years.one": ("{count} an", "{count} year"),
    "years.many": ("{count} ans", "{count} years"),
    "change.new_story": ("Première mention de l’opération", "First report of this deal"),
    "change.new_flow": ("Nouveau flux", "New flow"),
    "change.amount": ("Montant revu", "Amount revised"),
    "change.first_amount": ("Montant désormais connu", "Amount now known"),
    "change.capacity": ("Puissance revue", "Capacity revised"),
    "change.first_capacity": ("Puissance désormais connue", "Capacity now known"),
    "change.status": ("Nouveau statut", "New status"),
    "change.status.reported.announced": ("Confirmé", "Confirmed"),
    "change.status.option.announced": ("Option levée", "Option exercised"),
    "change.status.cancelled.announced": ("Relancé", "Back on"),
    "change.cancelled": ("Annulé", "Cancelled"),
    "change.loop_closed": ("Boucle refermée", "Loop closed"),
    "change.loop_revised": ("Boucle aux termes revus", "Loop on new terms"),
    "change.loop_broken": ("Boucle rompue", "Loop broken"),
    "mark.new": ("nouveau", "new"),
    "mark.changed": ("modifié", "changed"),
    "heading.changes": ("Ce qui change", "What changed"),
    "heading.flows": ("Les flux", "The flows"),
    "heading.loop": ("L’argent revient à son point de départ", "The money returns to where it started"),
    "heading.path": ("Le trajet de l’argent", "The path of the money"),
    "heading.evidence": ("Ce que dit la presse", "What the press says"),
    "heading.sources": ("Sources", "Sources"),
    "why.system": (
        "le fonctionnement de gigawatch ([system] dans alerts.toml)",
        "how gigawatch itself is doing ([system] in alerts.toml)",
    ),
    "heading.why": ("Pourquoi cette alerte", "Why you get this alert"),
    "heading.deals": ("Opérations", "Deals"),
    "loop.back": ("retour à {name}", "back to {name}"),
    "rule": ("Règle «\u00a0{name}\u00a0»", "Rule “{name}”"),
    "more_sources": ("et {count} autres sources", "and {count} more sources"),
    "more_flows": ("et {count} autres flux", "and {count} more flows"),
    "more_deals": ("et {count} autres opérations", "and {count} more deals"),
    "feed_only": ("Seul le texte du flux a pu être lu", "Only the feed’s own text could be read"),
    "limits.paywall": ("réservé aux abonnés", "subscribers only"),
    "limits.robots": ("page fermée aux robots", "page closed to robots"),
    "limits.forbidden": ("accès refusé par le site", "access refused by the site"),
    "limits.not_found": ("page introuvable", "page not found"),
    "limits.gone": ("page retirée", "page removed"),
    "limits.timeout": ("le site n’a pas répondu à temps", "the site did not answer in time"),
    "limits.no_text": ("page sans texte lisible", "page without readable text"),
    "limits.not_html": ("la page n’est pas du texte", "the page is not text"),
    "limits.other": ("page illisible", "page could not be read"),
    "footer": (
        "Relevé automatiquement dans la presse par gigawatch {product}. Vérifiez à la source avant d’agir.",
        "Found in the press automatically by gigawatch {product}. Check the source before you act.",
    ),
    "times_note": ("Les heures sont celles de Paris.", "Times are Paris time."),
    "quote.open": ("«\u00a0", "“"),
    "quote.close": ("\u00a0»", "”"),
    "digest.intro": (
        "Relevées à la première lecture de vos flux, les plus grandes d’abord.",
        "Found on the first reading of your feeds, the biggest first.",
    ),
}


class Phrases:
    """The phrases of one language, "fr" or "en"; French for any other."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else LANGUAGES[0]
        self._column = LANGUAGES.index(self.language)

    def __call__(self, key: str, **values: object) -> str:
        """Return the phrase with its `values` filled in; raises KeyError for a key that there is not."""
        phrase = _PHRASES[key][self._column]
        return phrase.format(**values) if values else phrase

    def first(self, *keys: str) -> str:
        """Return the phrase of the first of `keys` that there is."""
        return self(next(key for key in keys if key in _PHRASES))
