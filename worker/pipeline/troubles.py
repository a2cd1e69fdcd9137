"""What people are told of a silence and of its end: a title, then since when, why, and what to do. French, English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from babel.dates import format_datetime

from worker import text
from worker.model import Cause, Stage, Trouble, TroubleKind

_NAMES = 20
# Here nobody answered: the detail is a remark of the daemon's own, and the cause or the stage says it in words.
_OWN_STAGES = (Stage.SIEVE, Stage.ALERT)
_OWN_CAUSES = (Cause.CRASHED, Cause.FLOOD)
Pair = tuple[str, str]

# fmt: off
_TITLES: Mapping[TroubleKind, Pair] = {
    TroubleKind.FETCH: ("Le flux {name} ne se lit plus\u00a0: {cause}", "Feed {name} can no longer be read: {cause}"),
    TroubleKind.SILENT: ("Le flux {name} se tait", "Feed {name} has fallen silent"),
    TroubleKind.FLOOD: ("Le flux {name} déborde", "Feed {name} is flooding"),
    TroubleKind.NO_TEXT: ("Les pages de {name} ne donnent plus de texte\u00a0: {cause}",
                          "The pages of {name} no longer give any text: {cause}"),
    TroubleKind.OUTAGE: ("{count} flux sur {total} ne se lisent plus\u00a0: {cause}",
                         "{count} feeds of {total} can no longer be read: {cause}"),
    TroubleKind.CANARY: ("L’article témoin n’est pas arrivé\u00a0: {stage}", "The canary did not arrive: {stage}"),
    TroubleKind.RECIPIENT: ("Le destinataire {name} est débranché", "Recipient {name} is disabled"),
    TroubleKind.FAILING: ("Le destinataire {name} ne reçoit plus rien", "Nothing reaches recipient {name} any more"),
    TroubleKind.GIVEN_UP: ("Alertes abandonnées pour {name}\u00a0: {total}", "Alerts given up for {name}: {total}"),
    TroubleKind.DISK: ("Le disque de {name} est presque plein\u00a0: il reste {total} Mo",
                       "The disk of {name} is nearly full: {total} MB left"),
}
_MANY: Mapping[TroubleKind, Pair] = {
    TroubleKind.FETCH: ("{count} flux ne se lisent plus", "{count} feeds can no longer be read"),
    TroubleKind.SILENT: ("{count} flux se taisent", "{count} feeds have fallen silent"),
    TroubleKind.FLOOD: ("{count} flux débordent", "{count} feeds are flooding"),
    TroubleKind.NO_TEXT: ("Les pages de {count} flux ne donnent plus de texte",
                          "The pages of {count} feeds no longer give any text"),
    TroubleKind.RECIPIENT: ("{count} destinataires sont débranchés", "{count} recipients are disabled"),
    TroubleKind.FAILING: ("{count} destinataires ne reçoivent plus rien",
                          "Nothing reaches {count} recipients any more"),
    TroubleKind.GIVEN_UP: ("Alertes abandonnées pour {count} destinataires", "Alerts given up for {count} recipients"),
}
# Of a recipient that kept failing, and of alerts that were given up, no end is told.
_HEALED: Mapping[TroubleKind, Pair] = {
    TroubleKind.FETCH: ("Le flux {name} se lit de nouveau", "Feed {name} can be read again"),
    TroubleKind.SILENT: ("Le flux {name} publie de nouveau", "Feed {name} brings news again"),
    TroubleKind.FLOOD: ("Le flux {name} a repris son débit", "Feed {name} is back to its habit"),
    TroubleKind.NO_TEXT: ("Les pages de {name} donnent de nouveau du texte", "The pages of {name} give text again"),
    TroubleKind.OUTAGE: ("Les flux se lisent de nouveau", "The feeds can be read again"),
    TroubleKind.CANARY: ("L’article témoin arrive de nouveau", "The canary arrives again"),
    TroubleKind.RECIPIENT: ("Le destinataire {name} est rebranché", "Recipient {name} is put back"),
    TroubleKind.DISK: ("Le disque de {name} a de nouveau de la place", "The disk of {name} has room again"),
}
_MANY_HEALED: Mapping[TroubleKind, Pair] = {
    TroubleKind.FETCH: ("{count} flux se lisent de nouveau", "{count} feeds can be read again"),
    TroubleKind.SILENT: ("{count} flux publient de nouveau", "{count} feeds bring news again"),
    TroubleKind.FLOOD: ("{count} flux ont repris leur débit", "{count} feeds are back to their habit"),
    TroubleKind.NO_TEXT: ("Les pages de {count} flux donnent de nouveau du texte",
                          "The pages of {count} feeds give text again"),
    TroubleKind.RECIPIENT: ("{count} destinataires sont rebranchés", "{count} recipients are put back"),
}
_LINES: Mapping[str, Pair] = {
    "since": ("Depuis le {since}.", "Since {since}."),
    "unchanged": ("Rien de neuf depuis le {since}, bien plus longtemps que d’habitude\u00a0; "
                  "le document se lit pourtant.",
                  "Nothing new since {since}, much longer than usual; yet the document can be read."),
    "flooded": ("Depuis le {since}, il apporte bien plus d’articles à la fois que d’habitude. Leurs alertes partent "
                "groupées, et le flux est relu de moins en moins souvent tant que cela dure.",
                "Since {since} it has brought far more items at once than usual. Their alerts leave together, and the "
                "feed is read less and less often while this lasts."),
    "planted": ("Planté le {since}, il n’est pas ressorti à temps.",
                "Planted on {since}, it did not come out in time."),
    "ended": ("Du {since} au {now}.", "From {since} to {now}."),
    "cause": ("Cause\u00a0: {cause}.", "Cause: {cause}."),
    "said": ("Ce qui fut répondu\u00a0: {detail}", "What was answered: {detail}"),
    "feeds": ("Flux concernés\u00a0: {names}.", "Feeds concerned: {names}."),
    "more": ("{names} et {count} autres", "{names} and {count} more"),
    "todo": ("À faire\u00a0: {todo}.", "What to do: {todo}."),
    "no_alerts": ("Tant que cela dure, des accords peuvent passer sans alerte.",
                  "While this lasts, deals may pass without an alert."),
    "unsent": ("Rien ne lui est plus envoyé\u00a0; ses alertes restent, comme abandonnées.",
               "Nothing is sent to it any more; its alerts are kept, as given up."),
    "full_soon": ("Plein, il ne prendrait plus rien de ce que gigawatch y écrit. Si la base est sur ce disque "
                  "(SQLite), plus rien ne serait alors ni lu ni envoyé avant qu’il ait de la place\u00a0; ce qu’elle "
                  "contient est gardé.",
                  "Once it is full it takes nothing more of what gigawatch writes there. If the store is on this disk "
                  "(SQLite), nothing would then be read or sent until there is room; what it holds is kept."),
    "tried": ("Ses alertes restent en attente et sont retentées\u00a0; après cinq jours d’échecs il sera débranché.",
              "Its alerts wait and are tried again; after five days of failures it will be disabled."),
    "kept": ("Elles sont gardées et peuvent être renvoyées.", "They are kept and can be sent again."),
}
_CAUSES: Mapping[Cause, Pair] = {
    Cause.OK: ("inconnue", "unknown"),
    Cause.DNS: ("nom de domaine introuvable", "domain name not found"),
    Cause.CONNECT: ("connexion impossible", "no connection"),
    Cause.TLS: ("certificat TLS refusé", "TLS certificate refused"),
    Cause.TIMEOUT: ("pas de réponse à temps", "no answer in time"),
    Cause.TOO_LARGE: ("document trop grand", "document too large"),
    Cause.ENCODING: ("codage illisible", "unreadable coding"),
    Cause.REDIRECTS: ("trop de renvois", "too many redirects"),
    Cause.BLOCKED: ("adresse que gigawatch ne visite pas", "an address that gigawatch does not visit"),
    Cause.ROBOTS: ("pages fermées aux robots (robots.txt)", "pages closed to robots (robots.txt)"),
    Cause.FORBIDDEN: ("accès refusé (401 ou 403)", "access refused (401 or 403)"),
    Cause.NOT_FOUND: ("introuvable (404)", "not found (404)"),
    Cause.GONE: ("retiré pour de bon (410)", "gone for good (410)"),
    Cause.RATE_LIMITED: ("trop de demandes (429)", "too many requests (429)"),
    Cause.SERVER_ERROR: ("panne du site (5xx)", "site out of order (5xx)"),
    Cause.HTTP_ERROR: ("refus du site", "refused by the site"),
    Cause.HTML: ("une page HTML, peut-être de connexion, au lieu du flux",
                 "an HTML page, perhaps a login page, instead of the feed"),
    Cause.NOT_A_FEED: ("le document n’est plus un flux", "the document is no longer a feed"),
    Cause.EMPTY: ("le flux est vide", "the feed is empty"),
    Cause.SILENT: ("inchangé", "unchanged"),
    Cause.PAYWALL: ("pages réservées aux abonnés ou page de connexion", "subscribers' pages or a login page"),
    Cause.NO_TEXT: ("pages sans texte d’article", "pages without article text"),
    Cause.NOT_HTML: ("ce ne sont plus des pages HTML", "no longer HTML pages"),
    Cause.FLOOD: ("bien plus d’articles que d’habitude", "far more items than usual"),
    Cause.CRASHED: ("le document fait tomber le lecteur", "the document takes its reader down"),
}
_TODOS: Mapping[str, Pair] = {
    "network": ("vérifiez le réseau, le DNS et le pare-feu de cette machine",
                "check the network, the DNS and the firewall of this machine"),
    "reach": ("ouvrez le site dans un navigateur\u00a0; s’il répond, « gigawatch feeds test {id} »",
              "open the site in a browser; if it answers, “gigawatch feeds test {id}”"),
    "moved": ("cherchez la nouvelle adresse (« gigawatch feeds discover SITE »), corrigez feeds.toml, ou suspendez le "
              "flux (« gigawatch feeds pause {id} »)",
              "look for the new address (“gigawatch feeds discover SITE”), correct feeds.toml, or pause the feed "
              "(“gigawatch feeds pause {id}”)"),
    "asked": ("allongez polling.min_interval, donnez general.contact, ou demandez l’accès au site",
              "lengthen polling.min_interval, give general.contact, or ask the site for access"),
    "limits": ("« gigawatch feeds test {id} » montre ce qui arrive\u00a0; voyez [fetch] dans gigawatch.toml",
               "“gigawatch feeds test {id}” shows what comes; see [fetch] in gigawatch.toml"),
    "silent": ("comparez avec le site\u00a0; s’il publie, le flux a changé d’adresse "
               "(« gigawatch feeds discover SITE »)",
               "compare with the site; if it publishes, the feed has moved (“gigawatch feeds discover SITE”)"),
    "flood": ("regardez ce qu’il apporte (« gigawatch feeds test {id} »)\u00a0; si le site n’est plus le sien, "
              "suspendez le flux (« gigawatch feeds pause {id} »)",
              "look at what it brings (“gigawatch feeds test {id}”); if the site is in other hands, pause the feed "
              "(“gigawatch feeds pause {id}”)"),
    "pages": ("ouvrez une page récente sans être connecté\u00a0; donnez [feed.pages] un sélecteur si sa forme a "
              "changé. D’ici là, le texte du flux seul est jugé",
              "open a recent page without logging in; give [feed.pages] a selector if its shape has changed. Until "
              "then the feed's own text alone is judged"),
    "enable": ("réparez la réception, puis « gigawatch alerts enable {name} » et "
               "« gigawatch alerts retry --recipient {name} »",
               "put the receiver right, then “gigawatch alerts enable {name}” and "
               "“gigawatch alerts retry --recipient {name}”"),
    "reception": ("vérifiez que l’adresse du destinataire {name} répond, puis « gigawatch alerts test {name} »",
                  "check that the address of recipient {name} answers, then “gigawatch alerts test {name}”"),
    "retry": ("voyez « gigawatch alerts list --state dead », puis « gigawatch alerts retry --recipient {name} »",
              "see “gigawatch alerts list --state dead”, then “gigawatch alerts retry --recipient {name}”"),
    "room": ("libérez de la place\u00a0; « gigawatch doctor », lancé sur cette machine, nomme les plus gros fichiers "
             "du dossier\u00a0; si la base est sur ce disque, « gigawatch prune » montre ce dont elle peut se défaire",
             "free some space; “gigawatch doctor”, run on that machine, names the largest files of the folder; if the "
             "store is on this disk, “gigawatch prune” shows what it can let go"),
    "doctor": ("« gigawatch doctor » montre ce qui manque", "“gigawatch doctor” shows what is missing"),
}
_TODO_OF: Mapping[Cause, str] = {
    Cause.DNS: "reach", Cause.CONNECT: "reach", Cause.TLS: "reach", Cause.TIMEOUT: "reach",
    Cause.SERVER_ERROR: "reach", Cause.NOT_FOUND: "moved", Cause.GONE: "moved", Cause.HTML: "moved",
    Cause.NOT_A_FEED: "moved", Cause.EMPTY: "moved", Cause.REDIRECTS: "moved", Cause.HTTP_ERROR: "moved",
    Cause.FORBIDDEN: "asked", Cause.RATE_LIMITED: "asked", Cause.ROBOTS: "asked",
}
_OF_RECIPIENTS: Mapping[TroubleKind, str] = {
    TroubleKind.RECIPIENT: "enable", TroubleKind.FAILING: "reception", TroubleKind.GIVEN_UP: "retry",
}
_OUTLOOKS: Mapping[TroubleKind, str] = {
    TroubleKind.RECIPIENT: "unsent", TroubleKind.FAILING: "tried", TroubleKind.GIVEN_UP: "kept",
}
_STAGES: Mapping[Stage, Pair] = {
    Stage.POLL: ("son flux n’a pas été lu", "its feed was not polled"),
    Stage.SIEVE: ("écarté au premier tri", "set aside by the first sieve"),
    Stage.READ: ("sa page n’a pas été lue", "its page was not read"),
    Stage.JUDGE: ("il n’a pas été jugé", "it was not judged"),
    Stage.ALERT: ("jugé, mais aucune alerte n’a suivi", "judged, but no alert followed"),
    Stage.DELIVER: ("son alerte n’a pas été remise", "its alert was not delivered"),
}
_STAGE_TODOS: Mapping[Stage, Pair] = {
    Stage.POLL: ("vérifiez que la file, beat et un ouvrier de la file « poll » tournent",
                 "check that the broker, beat and a worker of queue “poll” run"),
    Stage.SIEVE: ("vérifiez lexicon.toml ([gate]) et detector.json", "check lexicon.toml ([gate]) and detector.json"),
    Stage.READ: ("vérifiez qu’un ouvrier de la file « read » tourne", "check that a worker of queue “read” runs"),
    Stage.JUDGE: ("vérifiez qu’un ouvrier de la file « judge » tourne, puis companies.toml, lexicon.toml et "
                  "detector.json",
                  "check that a worker of queue “judge” runs, then companies.toml, lexicon.toml and detector.json"),
    Stage.ALERT: ("vérifiez detection.threshold, lexicon.toml et detector.json",
                  "check detection.threshold, lexicon.toml and detector.json"),
    Stage.DELIVER: ("vérifiez qu’un ouvrier de la file « deliver » tourne, et le relais de courrier ([smtp])",
                    "check that a worker of queue “deliver” runs, and the mail relay ([smtp])"),
}
# fmt: on


class _Words:
    def __init__(self, language: str) -> None:
        self._place = 1 if language.startswith("en") else 0
        self._locale = "en_GB" if self._place else "fr_FR"

    def say(self, pair: Pair, **values: object) -> str:
        return pair[self._place].format(**values) if values else pair[self._place]

    def line(self, key: str, **values: object) -> str:
        return self.say(_LINES[key], **values)

    def when(self, value: datetime) -> str:
        form = "d MMMM y 'at' HH:mm" if self._place else "d MMMM y 'à' HH:mm"
        return format_datetime(value.astimezone(UTC), form, tzinfo=UTC, locale=self._locale) + " UTC"

    def names(self, names: Sequence[str]) -> str:
        shown = ", ".join(text.one_line(name, 80) for name in names[:_NAMES])
        return self.line("more", names=shown, count=len(names) - _NAMES) if len(names) > _NAMES else shown


def stage_words(stage: Stage | None, language: str) -> str:
    """Return in words where the canary was missed."""
    return _Words(language).say(_STAGES[stage or Stage.POLL])


def begun(troubles: Sequence[Trouble], language: str) -> tuple[str, tuple[str, ...]]:
    """Return title and lines for one trouble, or for several of one kind that began together."""
    words = _Words(language)
    one = troubles[0]
    if len(troubles) > 1:
        title = words.say(_MANY[one.kind], count=len(troubles))
        rows = [f"{_name(each)}{words.say((chr(160) + ': ', ': '))}{_why(each, words)}" for each in troubles[:_NAMES]]
        since = words.line("since", since=words.when(min(each.since for each in troubles)))
        more = [words.line("more", names="…", count=len(troubles) - _NAMES)] if len(troubles) > _NAMES else []
        return title, (since, *rows, *more, words.line("todo", todo=words.say(_TODOS["doctor"])))
    values = {
        "name": _name(one), "cause": _cause(one, words), "count": len(one.names), "total": one.total,
        "stage": stage_words(one.stage, language),
    }  # fmt: skip
    return words.say(_TITLES[one.kind], **values), tuple(_lines(one, words))


def ended(troubles: Sequence[Trouble], language: str, now: datetime) -> tuple[str, tuple[str, ...]]:
    """Return title and lines for the end of one trouble, or of several of one kind that ended together."""
    words = _Words(language)
    one = troubles[0]
    if len(troubles) > 1:
        title = words.say(_MANY_HEALED[one.kind], count=len(troubles))
        return title, (words.line("feeds", names=words.names([_name(each) for each in troubles])),)
    return words.say(_HEALED[one.kind], name=_name(one)), (
        words.line("ended", since=words.when(one.since), now=words.when(now)),
    )


def _lines(one: Trouble, words: _Words) -> list[str]:
    keys = {TroubleKind.SILENT: "unchanged", TroubleKind.FLOOD: "flooded", TroubleKind.CANARY: "planted"}
    lines = [words.line(keys.get(one.kind, "since"), since=words.when(one.since))]
    if one.kind in (TroubleKind.FETCH, TroubleKind.NO_TEXT, TroubleKind.OUTAGE):
        lines.append(words.line("cause", cause=_cause(one, words)))
    if one.kind is TroubleKind.OUTAGE:
        lines.append(words.line("feeds", names=words.names(one.names)))
    if one.detail and one.stage not in _OWN_STAGES and one.cause not in _OWN_CAUSES:
        lines.append(words.line("said", detail=text.one_line(one.detail, 300)))
    if one.kind is TroubleKind.CANARY:
        lines.append(words.line("no_alerts"))
    if one.kind is TroubleKind.DISK:
        lines.append(words.line("full_soon"))
    if one.kind in _OF_RECIPIENTS:
        lines.append(words.line(_OUTLOOKS[one.kind]))
    lines.append(words.line("todo", todo=_todo(one, words)))
    return lines


def _todo(one: Trouble, words: _Words) -> str:
    if one.kind is TroubleKind.CANARY:
        return words.say(_STAGE_TODOS[one.stage or Stage.POLL])
    if one.kind in _OF_RECIPIENTS:
        return words.say(_TODOS[_OF_RECIPIENTS[one.kind]], name=_name(one))
    if one.kind is TroubleKind.OUTAGE:
        return words.say(_TODOS["network"])
    if one.kind is TroubleKind.SILENT:
        return words.say(_TODOS["silent"])
    if one.kind is TroubleKind.DISK:
        return words.say(_TODOS["room"])
    if one.kind is TroubleKind.NO_TEXT:
        return words.say(_TODOS["pages"])
    if one.kind is TroubleKind.FLOOD:
        return words.say(_TODOS["flood"], id=one.feed_id)
    return words.say(_TODOS[_TODO_OF.get(one.cause, "limits")], id=one.feed_id)


def _why(one: Trouble, words: _Words) -> str:
    return text.one_line(one.detail, 120) if one.kind in _OF_RECIPIENTS else _cause(one, words)


def _name(one: Trouble) -> str:
    return text.one_line(one.names[0], 80) if one.names else ""


def _cause(one: Trouble, words: _Words) -> str:
    return words.say(_CAUSES[one.cause])
