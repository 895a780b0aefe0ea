"""How names are printed: patterns for persons in five orders, for what parts them, and for bodies."""

from __future__ import annotations

import re

U = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪĮİĶĹĻĽŁŃŅŇŌŐŒŔŘŚŞŠŢŤŪŮŰŲŹŻŽЀ-Я"
APOSTROPHE = "'’ʼ`´"
PARTICLES = (
    r"(?:(?:van|von|vom|zu|zum|zur|de|der|den|del|dell[aeo]?|degli|di|da|do|dos|das|du|des|la|le|las|los|lo|ten|ter|te|"
    r"al|el|bin|ibn|ben|af|av|Van|Von|De|Der|Den|Del|Della|Di|Da|Do|Dos|Du|La|Le|Ten|Ter|Al|El|St\.|Mc|Mac|VAN|VON|"
    r"DE|DER|DEL|DI|DA|DOS|LA|LE)"
    rf"(?:\s+|-)|[dDlLoO][{APOSTROPHE}]\s?)"
)
PARTICLE_WORDS = frozenset(
    [
        "van",
        "von",
        "vom",
        "zu",
        "zum",
        "zur",
        "de",
        "der",
        "den",
        "del",
        "della",
        "di",
        "da",
        "do",
        "dos",
        "das",
        "du",
        "la",
        "le",
        "ten",
        "ter",
        "al",
        "el",
        "bin",
        "ibn",
    ]
)
WORD = rf"(?:[{U}][{APOSTROPHE}])?[{U}][\w{APOSTROPHE}\-‐–]*[\w]"  # two letters or more
FAMILY = rf"(?:{PARTICLES}){{0,3}}{WORD}(?:[ ]{PARTICLES}?{WORD}){{0,2}}"
FAMILY_SHORT = rf"(?:{PARTICLES}){{0,3}}{WORD}(?:[ ](?:{PARTICLES})?{WORD})?"
DOTTED = rf"[{U}][a-z]?\.(?:\s?[-–‐]?\s?[{U}][a-z]?\.){{0,4}}"
BARE = rf"[{U}](?:[-–‐\s]?[{U}]){{0,3}}(?![\w{APOSTROPHE}])"
SUFFIX = r"(?:,?\s(?:Jr|Sr|II|III|IV|2nd|3rd)\b\.?)?"
LATER_PARTICLES = r"(?:\s(?:van|von|de|der|den|del|di|da|dos|du|la|le|ten|ter)(?=[\s,;.&]|$)){0,3}"

REVERSED_DOTTED = re.compile(
    rf"({FAMILY}),\s?({DOTTED}(?:\s(?:de|da|do|di|van|von|del|dos)\s[{U}]\.)?|{BARE}\.?){LATER_PARTICLES}{SUFFIX}"
)
GIVEN = rf"(?:[{U}]\.\s?)?{WORD}(?:[\s-](?:[{U}]\.?(?!\w)|{WORD})(?![\w.]*,\s*[{U}]\.)){{0,2}}(?:\s?[{U}]\.){{0,2}}"
REVERSED_FULL = re.compile(
    rf"({FAMILY_SHORT}),\s({GIVEN}(?:\s(?:de|da|di|van|von|del)\s{WORD}(?=[.,]\s|"
    rf"\sand\s))?){LATER_PARTICLES}{SUFFIX}"
)
VANCOUVER = re.compile(rf"({FAMILY})\s({DOTTED}|{BARE}){LATER_PARTICLES}{SUFFIX}")
INITIALS_FIRST = re.compile(rf"({DOTTED}|(?:{BARE}\s)(?=(?:{PARTICLES}){{0,3}}{WORD}))\s?({FAMILY_SHORT}){SUFFIX}")
FIRST_GIVEN = rf"(?:{WORD}|(?:[{U}]\.\s?[-–]?){{1,4}}|(?:[{U}]\s)+(?={WORD}))"
MORE_GIVEN = rf"(?:[\s-]?(?:[{U}]\.\s?){{1,3}}|[\s-](?:[{U}](?=\s)|{WORD}(?=\s(?:{PARTICLES})?[{U}])))"
GIVEN_FIRST = re.compile(rf"({FIRST_GIVEN}{MORE_GIVEN}{{0,3}})(?:\s|(?<=\.))((?:{PARTICLES}){{0,3}}{WORD}){SUFFIX}")
SEPARATOR = re.compile(
    r"\s*(?:[,;]\s*)?(?P<conjunction>(?:&|\band\b|\bund\b|\bu\.|\bet\b(?!\s+al)|\by\b|\be\b|\bи\b|\ben\b|\bi\b|"
    r"\boch\b|\bog\b)\s+|…\s*|\.\s?\.\s?\.\s*)|\s*[,;]\s*|\s*[/·]\s*"
)
ET_AL = re.compile(
    r"[\s,;.]*(?:(?:\band\b|&)\s+)?(?:\bet\.?\s*al(?:ii|ia)?\b\.?|\bal\.?,\s?et\b\.?|"
    r"\b(?:and|&)?\s*(?:others|colleagues)\b|\bu\.\s?a\.(?:\sm\.)?|"
    r"\be\s+outros\b|\by\s+otros\b|\betal\b\.?|\bи\s+др\.|\b\d+\s+others\b|\b(?:other\s)?contributors\b)",
    re.IGNORECASE,
)
# A body that closes a list of persons: "on behalf of the KEYNOTE-240 investigators", "Dutch Pancreatic Cancer Group".
CLOSING_BODY = re.compile(
    r"[\s,;]*(?:(?:on behalf of|for|and|&)\s)?(?:the\s)?[^.,;:“”\"„«(]{0,110}?\b(?:group|investigators?|consortium|"
    r"collaborators?|collaboration|"
    r"network|team|committee|society|contributors|initiative|cancer|surgery|panel|members?|"
    r"study)\b[^.,;:]{0,60}(?=[.;:,])",
    re.IGNORECASE,
)
# What may stand between two names without being one that the patterns know.
ODD_NAME = re.compile(
    r"\s*([^,;.:()“”\"0-9]{1,40}(?:\([^()]{1,20}\))?|\([^()]{1,20}\)|[A-Z]\.(?:\s?[A-Z]\.)*)\s*(?:[,;]\s*(?:(?:and|"
    r"&)\s+)?|\s(?:and|&|und)\s+)"
)
EDITORS = re.compile(
    r"[\s,]*[(\[]?\s*(?:Eds?|Editors?|Hrsg|Hg|Hgg|Coords?|Orgs?|Comp|a cura di|dirs?|éds?|Ред)\b\.?\s*[)\]]?",
    re.IGNORECASE,
)
ABBREVIATED = re.compile(r"\b(?:[A-Z]|Inc|Ltd|Dept|St|Univ|Corp|Co|U\.S)\.")
REPEATED = re.compile(r"(?:[-–—_⸺⸻]\s?){2,}[.,]?\s*")
BODY_WORDS = re.compile(
    r"\b(?:organi[sz]ation|institut\w*|team|minist\w+|universi\w+|association|committee|agency|group|consortium|"
    r"collaboration|foundation|"
    r"council|department|commission|inc|ltd|gmbh|society|cent(?:er|re|ro)|bureau|office|board|academy|union|"
    r"national|federal|network|"
    r"initiative|project|investigators?|corporation|company|nations|world\s+bank|unesco|who|oecd|iso|nist|fda|nih|"
    r"cdc|community|"
    r"developers?|contributors|"
    r"associa[cç][aã]o|associazione|soci[eé]t[eéà]|sociedade?|funda[cç](?:[aã]o|i[oó]n)|comit[eéê]|comiss[aã]o|comisi[oó]n|"
    r"minist[eéè]r\w+|departamento|normas|verein|hochschule|zentrum|minister\w+|towarzystwo|urząd|"
    r"bundes\w+|amt|verband|gesellschaft|stiftung|kommission|secretaria|conselho|asociaci[oó]n|organizaci[oó]n|"
    r"conf[eé]d\w+|task\s+force|panel|authority|administration|survey|library|college|school|службa|институт|"
    r"министерство)\b",
    re.IGNORECASE,
)
SEPARATOR_AND = re.compile(r"\s*[,;]?\s*(?:&|and|und|et|y|e|и)\s+(?!al\b)|\s*;\s*")
AFTER_NAMES = re.compile(r"\s*(?:$|[.:]\s|[.:,]?\s*[(\[]?(?:1[5-9]|20)\d\d|[.,:]?\s*[\"“„«‘']|,\s|\(n\.\s?d|[.:]$)")
INITIALS_ONLY = re.compile(rf"(?:[{U}]\.?[\s-]?)+")
