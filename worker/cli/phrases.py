"""Every phrase that the command line says, French and English.

The language is French unless GIGAWATCH_LANG or `general.language` says otherwise. Help texts are chosen when the
application is put together, so they follow the environment alone.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from worker.cli.decision_words import DECISION_WORDS
from worker.cli.money_words import MONEY_WORDS
from worker.cli.usage_words import USAGE_WORDS
from worker.cli.wording import WORDS
from worker.cli.wording_documents import DOCUMENT_WORDS
from worker.cli.wording_errors import ERROR_WORDS, FOREIGN_WORDS
from worker.cli.wording_faults import FAULT_WORDS, TOLD_WORDS
from worker.cli.wording_rehearsal import REHEARSAL
from worker.cli.wording_status import STATUS_WORDS
from worker.cli.wording_upkeep import UPKEEP

VARIABLE = "GIGAWATCH_LANG"
LANGUAGES = ("fr", "en")
_SETTING = "GIGAWATCH_GENERAL__LANGUAGE"


def _asked(environ: Mapping[str, str]) -> str:
    wanted = (environ.get(VARIABLE) or environ.get(_SETTING) or LANGUAGES[0]).strip().lower()[:2]
    return wanted if wanted in LANGUAGES else LANGUAGES[0]


class _Choice:
    language = _asked(os.environ)


def choose(language: str) -> None:
    """Use `language` ("fr" or "en"; others are French) from now on."""
    _Choice.language = language if language in LANGUAGES else LANGUAGES[0]


def language() -> str:
    """Return the language in use."""
    return _Choice.language


def known(key: str) -> bool:
    """Return whether the table has a phrase under `key`."""
    return key in TABLE


def phrase(key: str, **values: Any) -> str:
    """Return a phrase in the language in use, with `values` put in. Raises KeyError for an unknown key."""
    text = TABLE[key][LANGUAGES.index(_Choice.language)]
    return text.format(**values) if values else text


# fmt: off
TABLE: dict[str, tuple[str, str]] = {
    "app.help": ("Surveille la presse tech française et alerte, preuves à l’appui, à chaque accord de calcul IA.",
                 "Watches the French tech press and alerts, with the proof, on every AI compute deal."),
    "panel.run": ("Faire tourner", "Run"),
    "panel.look": ("Regarder et régler", "Look and adjust"),
    "panel.measure": ("Juger et mesurer", "Judge and measure"),
    "error": ("Erreur :", "Error:"),
    "error.bug": ("erreur interne ({error}) ; c’est un défaut de gigawatch",
                  "internal error ({error}); a gigawatch bug"),
    "error.config": ("{count} faute(s) de configuration ; rien n’a été lancé", "{count} fault(s) in the configuration"),
    "error.usage": ("{usage}\nAide : {command} --help", "{usage}\nHelp: {command} --help"),
    "option.config": ("Dossier de configuration.", "Configuration folder."),
    "option.data": ("Dossier des données.", "Data folder."),
    "option.verbose": ("Journal détaillé sur la sortie d’erreur.", "Detailed log on standard error."),
    "option.version": ("Affiche la version et s’arrête.", "Print the version and exit."),
    "option.json": ("Réponse en JSON.", "Answer in JSON."),
    "option.limit": ("Nombre de lignes au plus.", "Most lines shown."),
    # --- running
    "up.help": ("Lance tout sur cette machine, jusqu’à Ctrl-C.", "Run everything on this machine, until Ctrl-C."),
    "up.starting": ("gigawatch démarre : {feeds} flux, données dans {data}",
                    "gigawatch starts: {feeds} feeds, data in {data}"),
    "up.ready": ("gigawatch est prêt ({seconds} s). Ctrl-C pour arrêter.",
                 "gigawatch is ready ({seconds} s). Ctrl-C to stop."),
    "up.event": ("gigawatch : {text}", "gigawatch: {text}"),
    "up.stopped": ("gigawatch est arrêté.", "gigawatch has stopped."),
    "worker.help": ("Lance un ouvrier seul (déploiement).", "Run one worker (deployment)."),
    "worker.queues": ("Files à servir, séparées par des virgules ; toutes par défaut.",
                      "Queues to serve, comma-separated; all by default."),
    "worker.concurrency": ("Tâches à la fois ; 0 : le réglage worker.concurrency.",
                           "Tasks at once; 0: the setting worker.concurrency."),
    "worker.unknown_queue": ("file inconnue : {name} (connues : {known})", "unknown queue: {name} (known: {known})"),
    "beat.help": ("Lance le métronome seul (déploiement).", "Run the scheduler alone (deployment)."),
    "migrate.help": ("Met les tables de la base à jour.", "Bring the store's tables up to date."),
    "migrate.done": ("Base à jour ({revision}), {feeds} flux suivis.",
                     "Store up to date ({revision}), {feeds} feeds followed."),
    # --- scan, eval
    "scan.help": ("Juge des articles d’où qu’ils viennent ; rien n’est gardé ni envoyé.",
                  "Judge articles from anywhere; nothing is stored or sent."),
    "scan.inputs": ("Adresse, fichier HTML ou texte, « - », ou .jsonl d’articles.",
                    "Address, HTML or text file, “-”, or .jsonl of articles."),
    "scan.jsonl": ("Une ligne de JSON par article.", "One line of JSON per article."),
    "scan.explain": ("Montre chaque étape du jugement.", "Show each step of the judgement."),
    "scan.one_form": ("--json, --jsonl et --explain s’excluent : choisissez-en un",
                      "--json, --jsonl and --explain exclude one another: choose one"),
    "scan.deal": ("OUI", "YES"),
    "scan.no_deal": ("non", "no"),
    "scan.sum": ("{deals} accord(s) sur {articles} article(s)", "{deals} deal(s) in {articles} article(s)"),
    "progress.judge": ("Lecture des articles", "Reading articles"),
    "eval.help": ("Mesure le détecteur sur des articles annotés.", "Measure the detector on labelled articles."),
    "eval.files": ("Articles annotés ; par défaut ceux de tests/quality.",
                   "Labelled articles; by default those of tests/quality."),
    "eval.errors": ("Montre les N premières erreurs.", "Show the first N errors."),
    "eval.diff": ("Compare aux réponses d’un « scan --jsonl » antérieur.",
                  "Compare with the answers of an earlier “scan --jsonl”."),
    "eval.orders": ("Range les articles dans N ordres d’arrivée au hasard et compare les affaires.",
                    "File the articles in N random orders of arrival and compare the stories."),
    "eval.grouping": ("{identical} ordres d’arrivée sur {tried} donnent les mêmes affaires ({same_terms} aussi les"
                      " mêmes termes) : {articles} articles, {stories} affaires",
                      "{identical} orders of arrival out of {tried} give the same stories ({same_terms} the same terms"
                      " too): {articles} articles, {stories} stories"),
    "progress.orders": ("Ordres d’arrivée", "Orders of arrival"),
    "eval.no_files": ("donnez au moins un fichier d’articles annotés (il n’y a pas de tests/quality ici)",
                      "give at least one file of labelled articles (there is no tests/quality here)"),
    "eval.detection": ("détection", "detection"),
    "eval.flows": ("flux d’argent", "flows"),
    "eval.stories": ("affaires (B-cubed)", "stories (B-cubed)"),
    "eval.direction": ("sens", "direction"),
    "eval.record": ("fiche entière", "whole record"),
    "eval.fields": ("champs", "fields"),
    "eval.articles": ("articles", "articles"),
    "eval.better": ("mieux", "better"),
    "eval.worse": ("moins bien", "worse"),
    "eval.now_deal": ("devient un accord", "now a deal"),
    "eval.now_none": ("n’est plus un accord", "no longer a deal"),
    "eval.other_flows": ("autres flux", "other flows"),
    "eval.changes": ("{count} article(s) jugé(s) autrement", "{count} article(s) judged otherwise"),
    # --- explain
    "explain.verdict": ("Verdict", "Verdict"),
    "explain.deal": ("accord de calcul pour l’IA", "AI compute deal"),
    "explain.none": ("pas un accord", "no deal"),
    "explain.gate": ("Premier tri", "First sieve"),
    "explain.passed": ("lu en entier", "read in full"),
    "explain.later": ("écarté sur le titre, retenu sur le texte", "set aside by its title, kept for its text"),
    "explain.stopped": ("écarté sur le titre", "set aside by its title"),
    "explain.text": ("Texte", "Text"),
    "explain.organisation": ("organisation", "organisation"),
    "explain.quantity": ("quantité", "quantity"),
    "explain.frames": ("Flux pesés (▸ gardés)", "Flows weighed (▸ kept)"),
    "explain.flows": ("Flux retenus et leurs preuves", "Flows told, with their proof"),
    "explain.untold": ("Flux envisagés, aucun signalé", "Flows considered, none of them told"),
    "explain.no_flow": ("aucun", "none"),
    "explain.reasons": ("Raisons, pour (+) et contre (-)", "Reasons, for (+) and against (-)"),
    # --- feeds
    "feeds.help": ("Les flux suivis : voir, ajouter, essayer, suspendre.", "The feeds followed: see, add, try, pause."),
    "feeds.list": ("Liste les flux et leur état.", "List the feeds and their state."),
    "feeds.failing": ("Seulement ceux qui ont un défaut.", "Only those with a fault."),
    "feeds.sum": ("{feeds} flux, {faulty} en défaut", "{feeds} feeds, {faulty} with a fault"),
    "feeds.add": ("Suit un flux de plus, après l’avoir essayé.", "Follow one more feed, after trying it."),
    "feeds.url": ("Adresse du flux.", "The feed's address."),
    "feeds.new_id": ("Nom court ; par défaut tiré du titre.", "Short name; by default made from the title."),
    "feeds.name": ("Nom affiché ; par défaut le titre du flux.", "Name shown; by default the feed's title."),
    "feeds.no_check": ("Essaie le flux avant de l’ajouter.", "Try the feed before adding it."),
    "feeds.added": ("Flux ajouté : {id} ({name})", "Feed added: {id} ({name})"),
    "feeds.not_added": ("Rien n’a été ajouté. « gigawatch feeds discover » trouve ceux d’une page ; --no-check force.",
                        "Nothing was added. “gigawatch feeds discover” finds a page's feeds; --no-check forces."),
    "feeds.id_taken": ("un flux s’appelle déjà {id}", "a feed is already called {id}"),
    "feeds.url_taken": ("ce flux est déjà suivi : {url}", "this feed is followed already: {url}"),
    "feeds.not_an_address": ("{url} n’est pas une adresse http ou https", "{url} is not an http or https address"),
    "feeds.test": ("Essaie un flux maintenant, sans rien garder.", "Try a feed now, storing nothing."),
    "feeds.id_or_url": ("Nom d’un flux suivi, ou une adresse.", "Name of a followed feed, or an address."),
    "feeds.id": ("Nom du flux.", "The feed's name."),
    "feeds.unknown": ("aucun flux ne s’appelle {id} (voir : gigawatch feeds list)",
                      "no feed is called {id} (see: gigawatch feeds list)"),
    "feeds.discover": ("Cherche les flux qu’une page annonce.", "Look for the feeds that a page names."),
    "feeds.page": ("Adresse d’une page.", "A page's address."),
    "feeds.none_found": ("{url} n’annonce aucun flux", "{url} names no feed"),
    "feeds.pause": ("Suspend un flux.", "Pause a feed."),
    "feeds.resume": ("Reprend un flux.", "Resume a feed."),
    "feeds.remove": ("Cesse de suivre un flux ajouté à la main.", "Stop following a feed added by hand."),
    "feeds.paused_now": ("Suspendu : {id}", "Paused: {id}"),
    "feeds.resumed_now": ("Repris : {id}", "Resumed: {id}"),
    "feeds.removed_now": ("Retiré : {id}", "Removed: {id}"),
    "feeds.configured": ("{id} vient de {file} : retirez-le là, ou suspendez-le (gigawatch feeds pause {id})",
                         "{id} comes from {file}: remove it there, or pause it (gigawatch feeds pause {id})"),
    "feeds.import": ("Ajoute les flux d’un fichier OPML (ou « - »).", "Add the feeds of an OPML file (or “-”)."),
    "feeds.opml": ("Fichier OPML.", "OPML file."),
    "feeds.refused": ("passé : {url} n’est pas une adresse http ou https",
                      "passed over: {url} is not an http or https address"),
    "feeds.imported": ("{added} ajouté(s), {known} déjà suivi(s), {refused} passé(s)",
                       "{added} added, {known} followed already, {refused} passed over"),
    "feeds.export": ("Écrit les flux suivis en OPML.", "Write the followed feeds as OPML."),
    "feeds.disabled": ("retiré par le site (410)", "withdrawn by the site (410)"),
    "feeds.paused": ("suspendu", "paused"),
    "feeds.waiting": ("pas encore lu", "not read yet"),
    "trial.address": ("adresse", "address"),
    "trial.answer": ("réponse", "answer"),
    "trial.cause": ("état", "state"),
    "trial.title": ("titre", "title"),
    "trial.entries": ("entrées", "entries"),
    "trial.interval": ("rythme", "rhythm"),
    "trial.next": ("prochaine lecture", "next poll"),
    "cause.ok": ("bon", "good"),
    "cause.dns": ("nom de domaine introuvable", "domain name not found"),
    "cause.connect": ("connexion impossible", "cannot connect"),
    "cause.tls": ("certificat refusé", "certificate refused"),
    "cause.timeout": ("trop lent", "too slow"),
    "cause.too_large": ("trop grand", "too large"),
    "cause.encoding": ("codage illisible", "unreadable coding"),
    "cause.redirects": ("trop de renvois", "too many redirects"),
    "cause.blocked": ("adresse interdite", "forbidden address"),
    "cause.robots": ("interdit aux robots", "closed to robots"),
    "cause.forbidden": ("accès refusé", "access refused"),
    "cause.not_found": ("introuvable (404)", "not found (404)"),
    "cause.gone": ("retiré pour de bon (410)", "gone for good (410)"),
    "cause.rate_limited": ("trop de demandes (429)", "too many requests (429)"),
    "cause.server_error": ("panne du site", "site out of order"),
    "cause.http_error": ("refus du site", "refused by the site"),
    "cause.html": ("page HTML au lieu d’un flux", "HTML page instead of a feed"),
    "cause.not_a_feed": ("pas un flux", "not a feed"),
    "cause.empty": ("vide", "empty"),
    "cause.silent": ("muet depuis longtemps", "silent for long"),
    "cause.flood": ("déborde", "flooding"),
    "cause.paywall": ("réservé aux abonnés", "subscribers only"),
    "cause.no_text": ("sans texte", "without text"),
    "cause.not_html": ("pas une page HTML", "not an HTML page"),
    "cause.crashed": ("a fait tomber le lecteur", "took its reader down"),
    # --- stories
    "stories.help": ("Les affaires : voir les accords et ce qui fut écarté.",
                     "Stories: see deals, and what was set aside."),
    "stories.list": ("Liste les affaires, la dernière changée d’abord.", "List the stories, the last changed first."),
    "stories.company": ("Seulement celles de cette société.", "Only those of this company."),
    "stories.days": ("Seulement les N derniers jours.", "Only the last N days."),
    "stories.sum": ("{stories} affaire(s)", "{stories} story(ies)"),
    "stories.show": ("Montre une affaire, ses flux et ses sources.", "Show one story, its flows and sources."),
    "stories.id": ("Début du nom de l’affaire.", "Start of the story's id."),
    "stories.unknown": ("aucune affaire, ou plusieurs, ne commence par {id}", "no story, or several, begin with {id}"),
    "stories.rejected": ("Liste les articles écartés et pourquoi.", "List the articles set aside, and why."),
    "story.title": ("affaire", "story"),
    "story.id": ("nom", "id"),
    "story.version": ("version", "version"),
    "story.opened": ("ouverte", "opened"),
    "story.updated": ("changée", "changed"),
    "story.earlier": ("fait suite à", "follows"),
    "field.amount": ("montant", "amount"),
    "field.megawatts": ("puissance", "capacity"),
    "field.chips": ("puces", "chips"),
    "field.years": ("durée", "term"),
    "field.status": ("statut", "status"),
    "field.house": ("{count} titre", "{count} outlet"),
    "field.houses": ("{count} titres indépendants", "{count} independent outlets"),
    "field.first": ("d’abord {source}, {time}", "first {source}, {time}"),
    "field.disputed": ("les sources divergent", "the sources disagree"),
    "story.loop": ("boucle", "loop"),
    "change.new_story": ("nouvelle affaire", "new story"),
    "change.new_flow": ("nouveau flux", "new flow"),
    "change.new_party": ("partie désormais connue", "party now known"),
    "change.extended": ("contrat étendu", "contract extended"),
    "change.amount": ("montant changé", "amount changed"),
    "change.status": ("statut changé", "status changed"),
    "change.cancelled": ("annulé", "cancelled"),
    "change.loop_closed": ("boucle fermée", "loop closed"),
    # --- alerts
    "alerts.help": ("Les alertes : voir, essayer un envoi, renvoyer.", "Alerts: see, try a way out, send again."),
    "alerts.list": ("Liste les alertes et leur sort.", "List the alerts and what became of them."),
    "alerts.state": ("Seulement cet état : open, held, bundled, done, dead, muted.",
                     "Only this state: open, held, bundled, done, dead, muted."),
    "alerts.unknown_state": ("état inconnu : {state} (connus : {known})", "unknown state: {state} (known: {known})"),
    "alerts.test": ("Envoie un message d’essai à un destinataire, ou à tous.",
                    "Send a test message to one recipient, or to all."),
    "alerts.recipient": ("Destinataire d’alerts.toml ; tous par défaut.", "Recipient of alerts.toml; all by default."),
    "alerts.unknown_recipient": ("alerts.toml ne connaît pas {name} (connus : {known})",
                                 "alerts.toml has no recipient {name} (known: {known})"),
    "alerts.retry": ("Renvoie des alertes abandonnées, sous le même nom.",
                     "Send given-up alerts again, under the same id."),
    "alerts.ids": ("Débuts des noms des alertes.", "Starts of the alerts' ids."),
    "alerts.all": ("Toutes celles qui furent abandonnées.", "All that were given up."),
    "alerts.retry_recipient": ("Celles d’un destinataire.", "Those for one recipient."),
    "alerts.retry_since": ("Celles qui datent d’après : 7d, 12h, 2026-03-01T08:00.",
                           "Those made since: 7d, 12h, 2026-03-01T08:00."),
    "alerts.retry_until": ("Celles qui datent d’avant, de même.", "Those made before, likewise."),
    "alerts.which": ("donnez des noms d’alertes, ou --all, ou --recipient, --since, --until",
                     "give alert ids, or --all, or --recipient, --since, --until"),
    "alerts.unknown_id": ("{id} désigne {count} alerte(s) abandonnée(s), il en faut une",
                          "{id} names {count} given-up alert(s), one is needed"),
    "alerts.retried": ("{count} alerte(s) remise(s) en route", "{count} alert(s) on their way again"),
    "alert.open": ("à envoyer", "to send"),
    "alert.held": ("retenue", "held"),
    "alert.bundled": ("en résumé", "in a digest"),
    "alert.done": ("envoyée", "sent"),
    "alert.dead": ("abandonnée", "given up"),
    # --- config, doctor
    "config.help": ("La configuration : vérifier, montrer.", "The configuration: check, show."),
    "config.check": ("Vérifie toute la configuration.", "Check the whole configuration."),
    "config.dump": ("Montre les réglages en vigueur, secrets masqués.", "Show the settings in force, secrets hidden."),
    "config.good": ("Configuration bonne : {feeds} flux, {recipients} destinataire(s), {rules} règle(s).",
                    "Configuration good: {feeds} feeds, {recipients} recipient(s), {rules} rule(s)."),
    "config.warning": ("Attention : {text}", "Warning: {text}"),
    "doctor.help": ("Examine tout et dit quoi faire.", "Check everything and say what to do."),
    "doctor.offline": ("Sans rien demander au réseau.", "Without asking the network."),
    "doctor.ok": ("bon", "ok"),
    "doctor.fault": ("DÉFAUT", "FAULT"),
    "doctor.note": ("à noter", "note"),
    "check.config": ("configuration", "configuration"),
    "check.detector": ("détecteur", "detector"),
    "check.store": ("base", "store"),
    "check.broker": ("file", "broker"),
    "check.daemon": ("démon", "daemon"),
    "check.canary": ("article témoin", "canary"),
    "check.silence": ("silences", "silences"),
    "check.smtp": ("courrier", "mail"),
    "check.webhook": ("webhook", "webhook"),
    "check.feed": ("un flux", "a feed"),
    "check.clock": ("horloge", "clock"),
    "doctor.config": ("{folder}, {feeds} flux", "{folder}, {feeds} feeds"),
    "doctor.detector": ("{companies} sociétés connues", "{companies} companies known"),
    "doctor.no_tables": ("{address} : pas encore de tables", "{address}: no tables yet"),
    "doctor.other_tables": ("{address} : tables de la version {revision}, celles de {wanted} sont attendues",
                            "{address}: tables of revision {revision}, those of {wanted} are expected"),
    "doctor.embedded": ("embarquée, en marche ({version})", "embedded, running ({version})"),
    "doctor.embedded_off": ("embarquée, démarre avec « gigawatch up »", "embedded, starts with “gigawatch up”"),
    "doctor.never_ran": ("n’a jamais tourné", "has never run"),
    "doctor.last_tick": ("dernier tour il y a {ago}", "last round {ago} ago"),
    "doctor.dead": ("{count} alerte(s) abandonnée(s)", "{count} alert(s) given up"),
    "doctor.no_smtp": ("aucun relais réglé : pas d’alertes par courrier", "no relay set: no alerts by mail"),
    "doctor.no_feed": ("aucun flux à suivre", "no feed to follow"),
    "doctor.feed": ("{id} : {entries} entrées", "{id}: {entries} entries"),
    "doctor.no_clock": ("le site n’a pas donné l’heure", "the site gave no time"),
    "doctor.clock": ("{seconds} s d’écart avec le site", "{seconds} s away from the site's"),
    "doctor.fix_config": ("corrigez le fichier ou la variable nommés, puis « gigawatch config check »",
                          "put the named file or variable right, then “gigawatch config check”"),
    "doctor.fix_store": ("vérifiez store.url (GIGAWATCH_DATABASE_URL), puis « gigawatch migrate »",
                         "check store.url (GIGAWATCH_DATABASE_URL), then “gigawatch migrate”"),
    "doctor.fix_broker": ("vérifiez broker.url (GIGAWATCH_BROKER_URL) et que le serveur tourne",
                          "check broker.url (GIGAWATCH_BROKER_URL) and that the server runs"),
    "doctor.fix_daemon": ("regardez le journal de « gigawatch up »", "look at the log of “gigawatch up”"),
    "doctor.fix_smtp": ("vérifiez la section [smtp] de gigawatch.toml et le relais",
                        "check section [smtp] of gigawatch.toml and the relay"),
    "doctor.fix_webhook": ("vérifiez l’adresse dans alerts.toml ; une adresse privée doit figurer dans fetch.allow",
                           "check the address in alerts.toml; a private one must be in fetch.allow"),
    "doctor.fix_feed": ("essayez « gigawatch feeds test » ; suspendez le flux s’il a disparu",
                        "try “gigawatch feeds test”; pause the feed if it is gone"),
    "doctor.fix_clock": ("mettez l’horloge à l’heure (NTP) : les signatures des webhooks en dépendent",
                         "set the clock (NTP): webhook signatures depend on it"),
    "doctor.try_webhook": ("essai complet : gigawatch alerts test {name}", "full test: gigawatch alerts test {name}"),
    "doctor.add_feed": ("ajoutez-en à feeds.toml, ou « gigawatch feeds add URL »",
                        "add some to feeds.toml, or “gigawatch feeds add URL”"),
    "doctor.migrate": ("« gigawatch migrate » (« up » le fait aussi)", "“gigawatch migrate” (“up” does so too)"),
    "doctor.run_up": ("lancez « gigawatch up »", "run “gigawatch up”"),
    "doctor.retry": ("« gigawatch alerts list --state dead », puis « alerts retry --all »",
                     "“gigawatch alerts list --state dead”, then “alerts retry --all”"),
    "health.canary_off": ("éteint ([canary] enabled)", "switched off ([canary] enabled)"),
    "health.never_planted": ("jamais planté encore", "never planted yet"),
    "health.arrived": ("arrivé en {seconds} s, planté il y a {ago}", "arrived in {seconds} s, planted {ago} ago"),
    "health.under_way": ("en route depuis {ago}", "under way for {ago}"),
    "health.missed": ("l’article témoin planté il y a {ago} n’est pas arrivé à temps : {stage}",
                      "the canary planted {ago} ago did not arrive in time: {stage}"),
    "health.stale": ("aucun article témoin planté depuis {ago}", "no canary planted for {ago}"),
    "health.no_watch": ("personne n’a veillé depuis {ago}", "nobody has watched for {ago}"),
    "health.fix_canary": ("voyez que la file, beat et les ouvriers tournent, puis les lignes ci-dessus",
                          "see that the broker, beat and the workers run, then the lines above"),
    "health.no_silence": ("aucun flux muet", "no feed silent"),
    "health.silences": ("{count} : {names}", "{count}: {names}"),
    "health.fix_silence": ("« gigawatch feeds list --failing », puis « feeds test » ou « feeds pause »",
                           "“gigawatch feeds list --failing”, then “feeds test” or “feeds pause”"),
}
# fmt: on
TABLE |= WORDS | REHEARSAL | DECISION_WORDS | MONEY_WORDS | STATUS_WORDS | USAGE_WORDS | UPKEEP
TABLE |= TOLD_WORDS | FAULT_WORDS | ERROR_WORDS | DOCUMENT_WORDS | FOREIGN_WORDS
