"""French words that show what stands beside them: who acts, who is meant, what is a name. All folded.

Linguistic data of the rules in listed, candidates, people and coreference; change a list here, never a rule there.
"""

from __future__ import annotations


def _words(line: str) -> frozenset[str]:
    return frozenset(line.split())


# Before a name of a place. Folded "à" is "a".
LOCATIVES = _words("a en vers pres depuis")
ARTICLES = _words("le la les un une des ce cette")
AFTER_SUBJECT = _words(
    "a va vont est et ont avait aura s se n ne doit vient compte veut prevoit lui y devrait pourrait serait aurait"
)

# How verbs of transactions begin, in any person and tense.
VERBS = tuple(
    _words(
        "sign achet achete loue louer lev invest vend fourn livr financ prete reserv command acqui rachet "
        "rach annonc conclu decroch obti obten vers engag confi constru bati develop equip heberg empoch rafl "
        "mise parie offr emprunt boucl rejoi negoc discut prevo entre apport injec mett met devien deti "
        "exploit aliment branch doubl renfor choisi opt mand souti souten accueil collabor abandon renonc "
        "annul repren cede cedera prend pren paie paye debours garanti etend prolong rallong propos cherch "
        "vis souhait deploi install lance ouvr occup sort ajout sollicit approvision mis mont profit gagn "
        "rempor recoi recev tien rempli attribu dement confirm officialis devoil present pourra devra passe "
        "cree creent seraient negocie entend emporte revoit rouvre croque avale absorbe troque lorgne convoite "
        "grignote garnit epouse courtise gage adjuge empare raccorde devance change reste fait dit laisse perd "
        "fonde lach joue jouai factur encaiss avanc octro accorde consent fourniss arrach declin refus romp resili "
        "suspen gele quitt retien reten retir adosse associ pactis dote muscl soumet attir seduit recrut embauch "
        "reporte accel pilot souscri grimp recul mobilis emploie abrite gere dedi complete imite conte vante "
    )
)

# How nouns end that begin like those verbs.
NOT_VERBS = tuple(_words("ment ments tion tions eur eurs euse iste istes ite age ages ance"))
CONNECTORS = _words("de du des d la of the")

# Makers' names follow these as often as products' do ("des GPU Nvidia").
MADE = _words("puces gpu gpus cartes serveurs accelerateurs processeurs systemes racks tpu reacteurs outils modeles")

# What follows a subject.
AUXILIARIES = _words(
    "a va vont ont avait aura s se n ne doit vient compte veut est et serait aurait devrait pourrait pourra qui "
    "dont lui pret prete figure reste dispose affirme assure indique precise estime table espere entend peut "
    "promet"
)

# Nouns whose "de" leads to an organisation.
OF_ORGANISATIONS = _words(
    "conseil administration direction siege offres technologie logiciel produits besoins comptes bilan tresorerie "
    "ambitions strategie arrivee choix concurrent concurrents rival rivale rivaux fournisseurs investisseurs "
    "creanciers banques "
    "preteurs locataire proprietaire createur resultats ventes valorisation cotation emprunt prets dettes "
    "capital actionnaire actionnaires client cliente clients fournisseur filiale part parts titre action "
    "actions contrat rachat acquisition patron pdg dirigeant dirigeants fondateur fondatrice aupres partenaire "
    "titres heritiers dette services offre cote loin propriete controle branche maison mere investissement cours "
    "porte parole "
    "directeur directrice president presidente equipes ingenieurs salaries commande commandes engagement "
    "engagements cession reprise entree introduction plateforme nom noms majoritaire minoritaire prise tour"
)

# How verbs and nouns begin whose "à" leads to a party.
DATIVES = tuple(
    _words(
        "vend fourn loue loua livr verse prete confi command achet reserv accord apport octro propos pai paye "
        "garanti prom rachet rach facture attribu remet remis emprunt cession vente donn offr alli associ "
        "adoss adress permet appartien cede ceder rapport"
    )
)

# Verbs of "s'appelle X" and "se nomme X".
CALLED = _words("appelle appellera appelait appellerait nomme nommera nommait denomme")

# Pronouns between a subject and its verb.
CLITICS = _words("en y lui leur n ne")
DETERMINERS = _words("le la l les un une ces cette ce aux")
PREPOSITIONS = _words("a au aux de d du des en dans chez vers pres depuis sur")

# Nouns whose "de" leads to a place.
SITES = _words(
    "site campus ville commune port centre region usine zone quartier parc village plaine secteur bassin maire mairie"
)

# Verbs of speech, whose subject after them is often a person.
SAYS = _words(
    "explique resume souligne indique precise ajoute note estime affirme declare glisse juge observe lance "
    "analyse reconnait insiste rappelle raconte conclut commente"
)

# What begins an apposition to an organisation.
PARTICIPLES = _words(
    "fonde fondee cree creee base basee cote cotee specialise specialisee filiale issu issue soutenu soutenue "
    "detenu detenue dirige dirigee installe installee ne nee lance lancee connu connue presente presentee"
)

# What may stand before the noun of an apposition.
BEFORE_NOUN = _words(
    "l le la un une autre ce cette notre premier premiere ex ancien ancienne principal principale jeune grand "
    "grande petit petite nouveau nouvelle deuxieme numero plus gros grosse futur future celebre discret "
    "discrete puissant seul des les son sa"
)

# Titles whose holder speaks for the firm; an analyst or a lawyer does not.
SPEAKERS = _words(
    "pdg dg ceo directeur directrice general generale president presidente patron patronne fondateur fondatrice "
    "cofondateur cofondatrice dirigeant dirigeante responsable chef cheffe porte parole financier financiere "
    "technique executif executive delegue deleguee vice"
)
BETWEEN = _words(
    "le la l un une de d du et son sa co executif adjoint actuel actuelle nouveau nouvelle jeune ex chez tres"
)
DEFINITE = _words("le la l ce cet cette du au son sa leur")
INDEFINITE = _words("un une")
OWN = _words("son sa leur")

# Prepositions: what follows is not a subject.
OBJECT_AFTER = _words("a au aux du de d des chez avec aupres par pour dans contre sur entre selon vers sans")
CONJUNCTIONS = _words("que qu si quand ou mais dont car puisque lorsque alors tandis et donc")
COPULAS = _words(
    "est etait devient sera serait comme en reste devenu devenue etant demeure demeurait restait deviendrait deviendra"
)

# Verbs of an "il" that means nobody.
IMPERSONAL = _words(
    "fut agit agissait agirait faut faudra faudrait fallait y semble semblerait reste vaut convient existe "
    "suffit arrive manque importe apparait trouve manquait avere"
)
IMPERSONAL_ADJECTIVES = _words(
    "possible prevu question probable difficile temps vrai clair trop encore peu rare utile certain"
)

# Bodies that a deal creates: none named before is meant.
NEW_THINGS = _words("coentreprise joint filiale consortium etablissement holding")
LINKS = _words("de d du des la l le les derriere a origine qui")

# Nouns that mean another than the one they are said of.
OTHERS = _words(
    "rival rivale concurrent concurrente fournisseur client cliente partenaire actionnaire allie investisseur filiale"
)

# What makes a name before a comma an adverbial, not the head of an apposition.
ADVERBIAL = _words("selon pour chez avec outre apres comme contre depuis")

# Nouns after "un" that are no party of their own.
NOT_PARTIES = _words(
    "maison structure coentreprise entite etablissement boite leader champion pionnier numero mineur "
    "holding rival rivale concurrent concurrente actionnaire associe allie"
)
ADJECTIVES_BEFORE = _words(
    "meme autre ancien ancienne futur future principal principale plus gros grosse jeune premier premiere "
    "deuxieme troisieme tout seul unique vieux vieil fidele bon nouveau nouvelle nouvel grand grande petit "
    "petite propre deja celebre"
)

# Verbs of speech before the description of the speaker.
SAID = _words("annonce precise indique explique ajoute declare assure affirme souligne confirme revele indiquent selon")
VERBS_AFTER = _words(
    "a va est avait aura se s ne n doit vient compte veut serait aurait lui y en devrait pourrait detient"
)

# What stands between a subject and the verb that tells what it does.
LIGHT = _words("a va ont avait aura aurait est s se ne n y en lui leur l le la les doit peut vient de d pas deja")

# What may follow a noun, or an adjective as one, that stands alone.
AFTER_NOUN = _words(
    "de d du des a au aux en et qui dont que par pour chez avec sur dans ou comme puis mais n ne se s lui y avait aura"
)

# What stands between a subject and its verb, or begins a clause about it.
BEFORE_VERB = _words("qui dont n ne se s lui y")

# Forms of verbs that are nouns as often: "la première commande".
NOUNS_TOO = _words(
    "commande offre reserve livraison mise prise vente location achat annonce loi signe aide paie change"
)
