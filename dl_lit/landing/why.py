"""What to say of a page that names no PDF."""

from __future__ import annotations

import re
from datetime import date

from dl_lit.core.model import Work, WorkType
from dl_lit.core.reasons import Reason
from dl_lit.landing.sheet import Sheet

_PAYWALL = re.compile(
    r"purchase (?:access|article|pdf|this|instant|chapter|digital)|buy (?:the |this )?(?:article|chapter|pdf|now"
    r"|e-?book|instant)|buy (?:article|full)|rent (?:this )?(?:article|or buy)"
    r"|get (?:full |instant )?access to (?:the full version|this)|subscribe to (?:read|view|continue|journal)"
    r"|access (?:through|via) your (?:institution|organi[sz]ation)"
    r"|check access|pay[- ]per[- ]view|add to (?:cart|basket)|you (?:do not"
    r"|don['’]t) (?:currently )?have (?:full )?access|this is a preview of subscription content"
    r"|log in via an institution"
    r"|institutional (?:login|access|subscription)|subscription (?:required|content)|zugang kaufen|artikel kaufen"
    r"|in den warenkorb|acheter (?:cet |l['’])article|acc[èe]s (?:r[ée]serv[ée]|payant)|comprar (?:este )?art[íi]culo"
    r"|acquista (?:l['’])?articolo",
    re.IGNORECASE,
)
_NO_FILE = re.compile(
    r"there are no files associated|no files? (?:are |is )?(?:attached|available|associated|uploaded)"
    r"|full[- ]?text (?:is )?(?:not |un)available|no full[- ]?text|metadata[- ]only|files? (?:are|is) (?:restricted"
    r"|not (?:publicly )?available)"
    r"|restricted to (?:repository|registered|campus)|request a copy|request (?:the |full[- ]?)?(?:text|document|file)"
    r"|item is restricted|not available (?:for download|from this repository|in this repository|online)|print only"
    r"|kein volltext|volltext nicht (?:verfügbar|vorhanden)|nur (?:im campus|metadaten)|texte int[ée]gral (?:non"
    r"|indisponible)|notice sans (?:fichier|texte)|texto completo no disponible|sin texto completo"
    r"|texto integral n[ãa]o|testo (?:completo )?non disponibile|geen volledige tekst|brak pe[łl]nego tekstu",
    re.IGNORECASE,
)
_SCRIPTED = re.compile(
    r"enable javascript|javascript (?:is )?(?:required|disabled|must be)|(?:requires|needs) javascript"
    r"|turn on javascript|javascript aktivieren|activer javascript|habilit\w+ javascript",
    re.IGNORECASE,
)
_TYPES = ("citation_type", "dc.type", "dcterms.type", "eprints.type", "citation_article_type")
_NO_DOCUMENT = re.compile(
    r"^(?:dataset|software|image|video|sound|collection|interactive ?resource|audio\w*|music.*|website)$", re.IGNORECASE
)
_DOCUMENTS = frozenset({WorkType.DATASET, WorkType.SOFTWARE})
_BARE_TEXT = 200  # fewer characters than this, with scripts: the page is made by them


def why_none(sheet: Sheet, work: Work, open_from: date | None) -> Reason:
    """The most telling thing that the page says: an embargo, a paywall, no document at all, scripts, no file."""
    if open_from is not None:
        return Reason.EMBARGOED
    if _PAYWALL.search(sheet.whole_text):
        return Reason.BLOCKED_PAYWALL
    if len(sheet.whole_text) < _BARE_TEXT and sheet.has_scripts:
        return Reason.JS_ONLY_PAGE
    if len(sheet.whole_text) < 3 * _BARE_TEXT and sheet.has_scripts and _SCRIPTED.search(sheet.whole_text):
        return Reason.JS_ONLY_PAGE
    kinds = list(sheet.meta(*_TYPES))
    if work.type in _DOCUMENTS or any(_NO_DOCUMENT.match(kind.strip().rsplit("/", 1)[-1]) for kind in kinds):
        return Reason.NOT_A_DOCUMENT
    return Reason.LANDING_ONLY if _NO_FILE.search(sheet.text) else Reason.NO_PDF_LINK
