"""What is said of a wrong command line, French and English."""

from __future__ import annotations

# fmt: off
USAGE_WORDS: dict[str, tuple[str, str]] = {
    "usage.line": ("Usage : {line}", "Usage: {line}"),
    "usage.help": ("Affiche cette aide et s’arrête.", "Show this message and exit."),
    "usage.arguments": ("Arguments", "Arguments"),
    "usage.options": ("Options", "Options"),
    "usage.commands": ("Commandes", "Commands"),
    "usage.default": ("[par défaut : {value}]", "[default: {value}]"),
    "usage.required": ("[obligatoire]", "[required]"),
    "usage.command": ("commande inconnue : {of}", "No such command {of}."),
    "usage.command_near": ("commande inconnue : {of} (voulez-vous dire {rest} ?)",
                           "No such command {of}. Did you mean {rest}?"),
    "usage.no_command": ("il manque la commande", "Missing command."),
    "usage.argument": ("il manque {of}", "Missing argument {of}."),
    "usage.needed": ("il manque l’option {of}", "Missing option {of}."),
    "usage.option": ("option inconnue : {of}", "No such option: {of}"),
    "usage.option_near": ("option inconnue : {of} (voulez-vous dire {rest} ?)",
                          "No such option: {of} (did you mean {rest}?)"),
    "usage.no_value": ("il manque la valeur de l’option {of}", "Option {of} requires an argument."),
    "usage.a_value": ("l’option {of} ne prend pas de valeur", "Option {of} does not take a value."),
    "usage.extra": ("de trop : {of}", "Got unexpected extra argument(s) ({of})"),
    "usage.invalid": ("valeur refusée pour {of} : {rest}", "Invalid value for {of}: {rest}"),
    "usage.integer": ("un nombre entier est attendu", "a whole number is expected"),
    "usage.number": ("un nombre est attendu", "a number is expected"),
    "usage.least": ("au moins {of}", "at least {of}"),
    "usage.most": ("au plus {of}", "at most {of}"),
}
# fmt: on
