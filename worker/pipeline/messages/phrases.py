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
    "subject.test": ("Essai", "Test"),
    "subject.system": ("Message de service", "Service notice"),
    "subject.notices": ("{count} messages", "{count} notices"),
    "subject.notices_one": ("Un message", "One notice"),
    "badge.deal.detected": ("Nouvelle opération", "New deal"),
    "badge.deal.updated": ("Mise à jour", "Update"),
    "badge.deal.cancelled": ("Annulation", "Cancelled"),
    "badge.loop.closed": ("Boucle d’argent", "Loop of money"),
    "badge.digest": ("Récapitulatif", "Digest"),
    "badge.test": ("Essai", "Test"),
    "badge.system": ("Message de service", "Service notice"),
    "badge.healed": ("Rétabli", "Back to normal"),
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
    "change.new_party": ("Partie désormais connue", "Party now known"),
    "change.extended": ("Contrat étendu", "Contract extended"),
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
    "heading.disputes": ("Les sources divergent", "Where the sources disagree"),
    "dispute.one": ("{figure} selon {count} seul ({houses})", "{figure} according to {count} ({houses})"),
    "dispute.many": ("{figure} selon {count} titres ({houses})", "{figure} according to {count} outlets ({houses})"),
    "field.amount": ("montant", "amount"),
    "field.megawatts": ("puissance", "capacity"),
    "field.chips": ("puces", "chips"),
    "field.years": ("durée", "term"),
    "field.status": ("statut", "status"),
    "heading.evidence": ("Ce que dit la presse", "What the press says"),
    "heading.sources": ("Sources", "Sources"),
    "heading.why": ("Pourquoi cette alerte", "Why you get this alert"),
    "heading.deals": ("Opérations", "Deals"),
    "loop.back": ("retour à {name}", "back to {name}"),
    "rule": ("règle «\u00a0{name}\u00a0»", "rule “{name}”"),
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
    "footer_system": ("Envoyé automatiquement par gigawatch {product}.", "Sent automatically by gigawatch {product}."),
    "times_note": ("Les heures sont celles de Paris.", "Times are Paris time."),
    "quote.open": ("«\u00a0", "“"),
    "quote.close": ("\u00a0»", "”"),
    "digest.intro.daily": (
        "Relevées depuis votre dernier récapitulatif quotidien, les plus grandes d’abord.",
        "Found since your last daily digest, the biggest first.",
    ),
    "digest.intro.weekly": (
        "Relevées depuis votre dernier récapitulatif hebdomadaire, les plus grandes d’abord.",
        "Found since your last weekly digest, the biggest first.",
    ),
    "digest.intro.quiet": (
        "{count} alertes retenues pendant vos heures calmes, les plus grandes d’abord.",
        "{count} alerts held during your quiet hours, the biggest first.",
    ),
    "digest.intro.ceiling": (
        "{count} alertes au-delà de votre plafond horaire, réunies ici, les plus grandes d’abord.",
        "{count} alerts beyond your hourly ceiling, together here, the biggest first.",
    ),
    "digest.intro.backlog": (
        "Relevées à la première lecture de vos flux, les plus grandes d’abord.",
        "Found on the first reading of your feeds, the biggest first.",
    ),
    "digest.intro": ("Les plus grandes d’abord.", "The biggest first."),
    "heading.notices": ("Autres messages", "Other notices"),
    "mark.loop": ("dans une boucle", "in a loop"),
    "link.mute": ("Ne plus suivre cette opération", "Mute this story"),
    "link.unsubscribe": ("Se désabonner de la règle", "Unsubscribe from this rule"),
    "link.unsubscribe_system": ("Ne plus recevoir les messages de service", "Stop service notices"),
    "notice.what": ("Constat", "What"),
    "notice.since": ("Depuis", "Since"),
    "notice.until": ("Jusqu’à", "Until"),
    "notice.cause": ("Cause", "Cause"),
    "notice.advice": ("Que faire", "What to do"),
    "why.system": (
        "vous recevez les messages de service de gigawatch",
        "you receive the service notices of gigawatch",
    ),
    "sample.why": ("essai demandé par l’opérateur", "test asked for by the operator"),
    "sample.message": (
        "Ceci est un essai\u00a0: ces entreprises et ces montants sont inventés. Si vous lisez ce message, la voie "
        "d’envoi fonctionne.",
        "This is a test: these firms and amounts are made up. If you read this, the way to you works.",
    ),
    "sample.sentence": (
        "La jeune pousse Nivalis louera à Hélianthe pour 30 milliards de dollars de serveurs sur cinq ans.",
        "The start-up Nivalis will rent servers worth 30 billion dollars from Hélianthe over five years.",
    ),
    "sample.quote": ("30 milliards de dollars", "30 billion dollars"),
    "sample.title": ("Nivalis choisit Hélianthe (article inventé)", "Nivalis picks Hélianthe (invented article)"),
    "sample.house": ("La Gazette imaginaire", "The Imaginary Gazette"),
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

    def first(self, *keys: str, **values: object) -> str:
        """Return the phrase of the first of `keys` that there is, with its `values` filled in."""
        return self(next(key for key in keys if key in _PHRASES), **values)
