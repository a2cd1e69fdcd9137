"""Words of what keeps the daemon well: quarantine, backup and restore, the disk; French and English."""

from __future__ import annotations

# fmt: off
UPKEEP: dict[str, tuple[str, str]] = {
    "articles.quarantined": ("Liste ce qui fut mis de côté pour avoir fait tomber un ouvrier.",
                             "List what was set aside since it took a worker down."),
    "articles.retry": ("Reprend ce qui fut mis de côté.", "Take up again what was set aside."),
    "quarantine.none": ("Rien n’est mis de côté.", "Nothing is set aside."),
    "quarantine.sum": ("{count} mis de côté. « gigawatch articles retry ID » en reprend un, --all tous.",
                       "{count} set aside. “gigawatch articles retry ID” takes one up again, --all all."),
    "quarantine.read": ("lecture", "reading"),
    "quarantine.judge": ("jugement", "judging"),
    "quarantine.ids": ("Débuts de noms d’articles, ou entry-N.", "Starts of articles' ids, or entry-N."),
    "quarantine.all": ("Tout ce qui fut mis de côté.", "All that was set aside."),
    "quarantine.which": ("donnez des noms d’articles, ou --all", "give articles' ids, or --all"),
    "quarantine.unknown": ("{id} désigne {count} article(s) mis de côté, il en faut un"
                           " (voir : gigawatch articles quarantined)",
                           "{id} names {count} article(s) set aside, one is needed"
                           " (see: gigawatch articles quarantined)"),
    "quarantine.retried": ("{count} article(s) repris ; un ouvrier s’y remet dans la minute",
                           "{count} article(s) taken up again; a worker is at it within a minute"),
    "quarantine.not_explained": ("Mis de côté : le juger ici ferait tomber cette commande aussi."
                                 " Le texte est dans --json.",
                                 "Set aside: judging it here would take this command down too. --json has the text."),
    "check.quarantine": ("mis de côté", "set aside"),
    "doctor.quarantined": ("{count} article(s) : {names}", "{count} article(s): {names}"),
    "doctor.fix_quarantine": ("« gigawatch articles quarantined », puis « articles retry ID »",
                              "“gigawatch articles quarantined”, then “articles retry ID”"),
}
# fmt: on
