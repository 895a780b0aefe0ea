"""What the text on a link says, in the languages that repositories and journals speak."""

from __future__ import annotations

import re
from enum import IntEnum


class Says(IntEnum):
    """What a link's text promises, the better the higher."""

    NO = -1  # something else than the text
    NOTHING = 0
    OPEN = 1  # "View", "Open", "Download": only the address can tell of what
    TEXT = 2  # "Full text", "Accepted version"
    PDF = 3


_PDF = re.compile(r"(?<![a-z])pdf(?![a-z])|ПДФ", re.IGNORECASE)
_TEXT = re.compile(
    r"full[\s-]?text|full (?:article|paper|document|thesis)|(?:complete|entire) (?:text|article|paper|thesis)"
    r"|read (?:the )?(?:article|paper)"
    r"|(?:download|get|view|open|read) (?:the |this )?(?:full )?(?:article|paper|document|publication|manuscript"
    r"|preprint|thesis|report|book|chapter|file|e-?print)"
    r"|(?:accepted|submitted|published|final|author.?s?|peer[\s-]reviewed|original|revised"
    r"|post-?review) (?:accepted )?(?:version|manuscript|copy|draft)|version of record|post-?print|pre-?print"
    r"|voll-?text|volltext|gesamter text|gesamtdokument|artikel (?:herunterladen|lesen|öffnen)|(?:dokument|datei"
    r"|dissertation) (?:herunterladen|öffnen|anzeigen)|akzeptierte version|verlagsversion|autorenversion"
    r"|texte (?:int[ée]gral|complet)|article complet|t[ée]l[ée]charger (?:l['’]article|le (?:document|fichier|texte)"
    r"|la th[èe]se)|version (?:accept[ée]e|publi[ée]e|soumise|auteur|[ée]diteur)"
    r"|texto (?:completo|integral|[íi]ntegro)|art[íi]culo completo|artigo completo"
    r"|descar[cg][aăã]r (?:el )?(?:art[íi]culo"
    r"|documento|texto)|(?:baixar|descarregar|transferir) (?:o )?(?:artigo|documento|texto)|vers[ií][óo]n (?:aceptada"
    r"|publicada|enviada)|vers[ãa]o (?:aceite|aceita|publicada|submetida)"
    r"|testo (?:completo|integrale)|articolo completo|scarica (?:l['’]articolo|il (?:documento|testo))"
    r"|versione (?:accettata|pubblicata|editoriale)|volledige tekst|(?:artikel|document) downloaden|pe[łl]ny tekst"
    r"|tekst artyku[łl]u|pobierz (?:artyku[łl]|plik|dokument)"
    r"|pln[ýyé]+ text|cel[ýy] [čc]l[áa]nek|st[áa]hnout (?:[čc]l[áa]nek|soubor)|полный текст|текст статьи"
    r"|скачать (?:статью|файл|документ)|повний текст|завантажити (?:статтю|файл)|全文|本文|原文|论文下载"
    r"|論文を読む|전문|원문|본문"
    r"|논문\s?(?:보기|다운로드)"
    r"|tam met(?:in|ni)|makale(?:yi)? (?:indir|tamam)\w*|fulltext|hela texten|ladda ner (?:artikel|dokument"
    r"|fulltext)\w*|hent (?:artikel|artikkel|dokument|fulltekst)\w*|fuld tekst|fulltekst|koko ?teksti"
    r"|lataa (?:artikkeli|tiedosto)|koko artikkeli|teljes sz[öo]veg"
    r"|text complet|textul integral|πλήρες κείμενο|النص الكامل|متن کامل|teks lengkap|toàn văn",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"\b(?:download|view|open|read|access|get|file|document)\b|herunterladen|\bladen\b|anzeigen|öffnen|datei"
    r"|t[ée]l[ée]charg|consulter|ouvrir|fichier|descar[cg][aăã]|\bver\b|abrir|baixar|scarica|apri|visualizza|downloaden"
    r"|openen|bekijk|pobierz|otw[óo]rz|poka[żz]"
    r"|st[áa]hnout|otev[řr][íi]t|zobrazit|скачать|загрузить|открыть|смотреть|читать|завантажити|відкрити|下载|下載|查看"
    r"|ダウンロード|開く|閲覧|다운로드|보기|열기|indir|görüntüle|ladda ner|hämta|öppna|visa|hent|åbn|åpne|last ned"
    r"|lataa|avaa|descarca"
    r"|let[öo]lt[ée]s|λήψη|تحميل|دانلود|unduh",
    re.IGNORECASE,
)
_NOT_THE_TEXT = re.compile(
    r"suppl(?:ement|\.|\b)|supporting (?:info|mat|data)|append(?:ix|ices)|\bannex|additional (?:file|mat|info)"
    r"|supplementary|\bdata ?set|\bdata\b(?! (?:descriptor|paper))|\bcode\b|cover (?:page|image|letter)?\b|title page"
    r"|front matter|back matter|table of contents|\btoc\b|contents page|inhaltsverzeichnis|sommaire|[íi]ndice"
    r"|sum[áa]rio"
    r"|poster|slides?\b|presentation|graphical abstract|visual abstract|abstract only|\babstracts?\b(?!.*full)"
    r"|zusammenfassung|r[ée]sum[ée]\b|\bresumen\b|figures?\b|\btables?\b|\bimages?\b|thumbnail|video|audio|first page"
    r"|page one|preview|\bsample|excerpt|leseprobe|extrait"
    r"|(?:complete|entire|full|whole|this|current) (?:issue|volume)|issue pdf|gesamtheft|gesamtes heft|ganzes heft"
    r"|num[ée]ro complet|n[úu]mero completo|edi[çc][ãa]o completa|fascicolo completo|proceedings volume|citation"
    r"|cite this|bib ?tex|\bris\b|endnote|export|zotero|mendeley|metadata|marc\b"
    r"|licen[cs]e|agreement|copyright|guidelines?|instructions?|author info|for authors|template|submission|checklist"
    r"|peer review|review(?:er)? (?:report|file|comment|history)|reporting summary|decision letter|response to"
    r"|correction|corrigend|errat|retract|flyer|leaflet|brochure|catalog|order form|price|policy|terms|privacy|help"
    r"|how to|plug-?in|adobe|reader software|acrobat"
    r"|purchase|buy\b|subscribe|rent\b|pay\b|sign in|log ?in|request (?:a )?copy|permission|reprints?\b|translate"
    r"|mobile|\bepub\b|\bmobi\b|kindle|\bxml\b|\bhtml\b|\bjats\b|\bdocx?\b|\bzip\b|\bps\b|postscript|\bdjvu|latex"
    r"|tex source|share|e-?mail|press release|newsletter|sitemap|certificate|declaration|deposit"
    r"|all (?:files|pdfs)|as zip|bulk|anhang|anlage|zusatz|ergänz|satzung|vertrag|richtlinien|hinweise|annexe"
    r"|pi[èe]ces? jointes?|matériel|anexo|suplement|material|allegat|bijlage|za[łl][ąa]cznik|p[řr][íi]loh|приложение"
    r"|додаток|附录|补充|目录|封面|付録|補足|目次|表紙|부록|목차|표지|ekler|bilag|vedlegg|liite",
    re.IGNORECASE,
)


def says(text: str, title: str) -> Says:
    """What a link with this text promises; words that stand in the work's own `title` are not held against it."""
    short = text[:300]
    objection = next(
        (match for match in _NOT_THE_TEXT.finditer(short) if match[0].lower().strip() not in title.lower()), None
    )
    if objection is not None:
        return Says.NO
    if _PDF.search(short):
        return Says.PDF
    if _TEXT.search(short):
        return Says.TEXT
    return Says.OPEN if _OPEN.search(short) else Says.NOTHING
