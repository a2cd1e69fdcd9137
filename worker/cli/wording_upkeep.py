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
    "backup.help": ("Copie la base, en marche ou non, dans un fichier vérifié.",
                    "Copy the store, running or not, into a verified file."),
    "backup.file": ("Fichier à écrire.", "File to write."),
    "backup.force": ("Remplace le fichier s’il existe.", "Replace the file if it exists."),
    "backup.done": ("Sauvegarde vérifiée : {file} ({size}, schéma {revision} ; {articles} articles, {stories} affaires,"
                    " {alerts} alertes)",
                    "Backup verified: {file} ({size}, schema {revision}; {articles} articles, {stories} stories,"
                    " {alerts} alerts)"),
    "backup.postgres": ("la base est PostgreSQL ; utilisez : {command}", "the store is PostgreSQL; use: {command}"),
    "progress.backup": ("Copie de la base", "Copying the store"),
    "restore.help": ("Remet une sauvegarde à la place de la base ; l’ancienne est gardée à côté.",
                     "Put a backup in the store's place; the old one is kept beside it."),
    "restore.file": ("Sauvegarde faite par « gigawatch backup ».", "Backup made by “gigawatch backup”."),
    "restore.stop": ("arrêtez-le d’abord", "stop it first"),
    "restore.done": ("Base remise : {store}, depuis {file} ({size}, schéma {revision} ; {articles} articles,"
                     " {stories} affaires, {alerts} alertes)",
                     "Store restored: {store}, from {file} ({size}, schema {revision}; {articles} articles,"
                     " {stories} stories, {alerts} alerts)"),
    "restore.upgraded": ("Schéma mis à jour : {before} → {after}", "Schema upgraded: {before} → {after}"),
    "restore.kept": ("L’ancienne base est gardée : {file}", "The old store is kept: {file}"),
    "restore.again": ("Ce qui est parti depuis la sauvegarde peut repartir, sous le même nom ; ce que les flux montrent"
                      " encore est relu. Lancez « gigawatch up ».",
                      "What left since the backup may leave again, under the same id; what the feeds still show is read"
                      " again. Run “gigawatch up”."),
    "restore.postgres": ("la base est PostgreSQL ; arrêtez gigawatch, puis : {command} ; ensuite « gigawatch migrate »",
                         "the store is PostgreSQL; stop gigawatch, then: {command}; then “gigawatch migrate”"),
    "unit.megabyte": ("Mo", "MB"),
    "part.disk": ("disque", "disk"),
    "check.disk": ("disque", "disk"),
    "health.room": ("{folder} : {free} libres sur {total}", "{folder}: {free} free of {total}"),
    "health.fix_disk": ("libérez de la place sur ce disque : gigawatch repart de lui-même, rien n’est perdu",
                        "free some space on that disk: gigawatch goes on by itself, nothing is lost"),
    "check.quarantine": ("mis de côté", "set aside"),
    "doctor.quarantined": ("{count} article(s) : {names}", "{count} article(s): {names}"),
    "doctor.fix_quarantine": ("« gigawatch articles quarantined », puis « articles retry ID »",
                              "“gigawatch articles quarantined”, then “articles retry ID”"),
}
# fmt: on
