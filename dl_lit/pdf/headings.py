"""Headings that open a list of references, and those that end one, in the languages dl_lit reads."""

from __future__ import annotations

import re
from functools import lru_cache

_REMEMBERED = 4_096  # lines whose judgement is kept: a document's lines are asked several times

# English, German, French, Spanish, Portuguese, Italian, Dutch, Russian, Polish, Chinese, Japanese; a few more where the
# word is unmistakable.
_WORDS = r"""
references?(?:\ (?:cited|list|and\ (?:further\ reading|notes|links|citations|bibliography|resources)|section))?
|(?:(?:alphabetic(?:al)?|numbered|numeric(?:al)?|full|complete|combined)\ )?list\ of\ (?:references|literature
|works\ cited|cited\ (?:works|literature))|reference\ list|cited\ references
|main\ references|general\ references
|(?:selected|annotated|general|cited|full|primary|select|working|core)?\ ?(?:bibliograph(?:y|ies)|references)
|bibliograph(?:y|ic(?:al)?)(?:\ (?:references|sources|list|entries))?
|works\ (?:cited|consulted)(?:\ (?:and|&)\ (?:consulted|cited))?|works\ referenced|sources\ cited|citations
|literature(?:\ (?:cited|references|list))?|cited\ (?:literature|works)
|(?:primary|secondary)\ (?:sources|literature|works)
|(?:further|recommended|suggested|required|additional|selected|background|course|assigned|essential|key|optional
|supplementa(?:l|ry)|core|annotated)\ readings?(?:\ list)?|reading\ list|readings|list\ of\ readings|textbooks?
|(?:recommended|suggested|required)\ (?:literature|texts|books)|suggestions\ for\ further\ reading
|pflichtlekt[üu]re|lekt[üu]re(?:liste|empfehlungen)|lectures\ (?:conseill[ée]es|compl[ée]mentaires|recommand[ée]es)
|lecturas\ (?:recomendadas|complementarias|obligatorias)|leituras\ (?:recomendadas|complementares)
|letture\ (?:consigliate|di\ approfondimento)|sources|notes\ and\ references
|endnotes\ and\ references|reference\ notes|supplementary\ references|references\ \(?online\ methods\)?|(?:methods
|additional|supplemental)\ references
|literatur(?:verzeichni(?:s|ss|sse)|angaben|liste|nachweise?|hinweise|quellen|zitate)?|(?:zitierte|verwendete
|benutzte|weiterf(?:ü|ue)hrende|ausgew(?:ä|ae)hlte|angef(?:ü|ue)hrte)\ (?:literatur|quellen)
|(?:auswahl|gesamt|forschungs|fach|spezial)(?:bibliogra(?:f|ph)ie|literatur)|literaturauswahl|bibliogra(?:f|ph)ische
\ (?:angaben|hinweise|nachweise|notizen?)|zitierte\ werke|literatur-\ und\ quellen(?:verzeichnis|angaben|nachweise)
|quellen-\ und\ literatur(?:verzeichnis|angaben|nachweise|hinweise)|anmerkungen\ und\ literatur(?:hinweise)?
|literatur\ (?:in\ auswahl|zum\ thema|und\ quellen)|quellen\ und\ literatur
|quellen(?:verzeichnis|angaben|nachweise?)?|(?:quellen|literatur)-?\ ?(?:und|u\.|&)\ ?(?:literatur
|quellen)(?:verzeichnis|angaben)?|referenz(?:en|verzeichnis)|bibliogra(?:f|ph)ien?|schriftenverzeichnis
|verzeichnis\ der\ (?:zitierten\ )?literatur|prim(?:ä|ae)rliteratur|sekund(?:ä|ae)rliteratur|internetquellen
|onlinequellen
|(?:liste\ (?:des|de)\ )?r[ée]f[ée]rences(?:\ bibliographiques|\ cit[ée]es)?|ouvrages\ (?:cit[ée]s|consult[ée]s)
|bibliographie(?:\ (?:s[ée]lective|g[ée]n[ée]rale|sommaire|indicative))?|sources\ (?:et\ bibliographie
|bibliographiques|cit[ée]es)|travaux\ cit[ée]s|[œo]e?uvres\ cit[ée]es|litt[ée]rature\ cit[ée]e
|(?:lista\ de\ )?refer[eê]ncias(?:\ (?:bibliogr[aá]ficas|citadas|consultadas|bibliogr[aá]ficas\ consultadas
|bibliogr[aá]fica))?|bibliograf[ií]a(?:\ (?:citada|consultada|b[aá]sica|general|seleccionada|selecta|recomendada
|referenciada|utilizada))?|(?:obras|fuentes|literatura|trabajos)\ (?:citad[ao]s?|consultad[ao]s?|referid[ao]s?
|bibliogr[aá]ficas)|fuentes\ y\ bibliograf[ií]a|fuentes
|fontes(?:\ (?:citadas|consultadas|e\ bibliografia))?|obras\ de\ refer[eê]ncia
|(?:riferimenti|referenze)(?:\ bibliografic[ihe]+)?|bibliografia(?:\ (?:citata|essenziale|generale|di\ riferimento
|ragionata|e\ sitografia))?|opere\ citate|lavori\ citati|letteratura\ citata|fonti(?:\ (?:bibliografiche
|e\ bibliografia))?|sitografia
|(?:geraadpleegde|geciteerde|gebruikte)?\ ?literatuur(?:lijst|opgave|verwijzingen)?|referenties|referentielijst
|bronnen(?:lijst|vermelding)?|bibliografie|geciteerde\ werken
|(?:список|перечень)\ (?:использ(?:ованн|уем)(?:ой|ых)\ )?(?:научной\ )?
(?:цитируемой\ |цитированной\ )?(?:литературы|источников|ссылок)(?:\ и\ (?:литературы|источников))?
|(?:список\ )?(?:использованн
|цитируем|цитированн)(?:ая|ой|ых|ые)\ (?:литератур[аы]|источник(?:и|ов))
|список\ использованных\ источников(?:\ и\ литературы)?|литература|библиограф(?:ия|ический\ список)
|источники(?:\ и\ литература)?|ссылки|пристатейный\ библиографический\ список|список\ литературных\ источников
|список\ літератури|література|literatura(?:\ cytowana)?|litteratur(?:f[öo]rteckning|liste)?|referenser|referanser
|kilder|l[äa]hteet|kirjallisuus|irodalom|kaynak(?:lar|ça)|bibliografija|참고문헌|المراجع
|(?:wykaz|spis|zestawienie)\ (?:cytowanej\ |wykorzystanej\ )?(?:literatury|pi[śs]miennictwa|[źz]r[óo]de[łl])
|pi[śs]miennictwo|literatura\ (?:przedmiotu|podmiotu|wykorzystana)|[źz]r[óo]d[łl]a(?:\ i\ literatura)?
|bibliografia\ (?:za[łl][ąa]cznikowa|podmiotowa|przedmiotowa)|seznam\ (?:pou[žz]it[ée]\ )?literatury
|(?:主要)?(?:引用|注)?(?:[・･·]|および|及び|和|与|與)?(?:参考|參考|参照|引用|引证|引證)(?:[・･·、]|および|及び|和|与|與)?(?:引用|参考|參考)?
(?:文献|文獻|書目|书目|資料|资料|図書)(?:一覧|一览|列表|目录|目錄|リスト|表)?
|文\ ?[献獻](?:一覧|表|リスト|目録)?|書目|书目
"""
_NUMBER = (
    r"(?:(?:chapter|kapitel|section|appendix|abschnitt)\s+)?"
    r"(?:(?:\d{1,2}(?:\.\d{1,2}){0,3}|[ivx]{1,5}|[a-h])\s*[.):]?\s+|[§■•▪●*#]\s*)?"
)
_OPENS = re.compile(
    rf"{_NUMBER}(?:{_WORDS})(?:\s*(?:/|\||,|and|und|et|y|e|и|&|–|-|—)\s*(?:{_WORDS}))?"
    r"(?:\s+(?:for|to|of|in|zu|zum|zur|du|des|del|al|do|da|de\ la)\s+(?:the\s+)?(?:chapter|part|section|appendix|annex"
    r"|supplement\w*|online\s\w+|methods|introduction|kapitel|teil|anhang|chapitre|partie|cap[ií]tulo|parte|capitolo)"
    r"(?:\s+(?:\d{1,2}(?:\.\d{1,2})*|[ivx]{1,5}|[a-h]))?)?"
    r"(?:\s*[(（][^()]{1,30}[)）])?\s*[.:：*•■]*",
    re.IGNORECASE | re.VERBOSE,
)
# "sources", "citations", "notes" and the like are headings of much else: they open a list only on strong evidence.
_WEAK = re.compile(
    r"(?:sources|citations|quellen|fuentes|fontes|fonti|literature|literatur|ссылки|источники|further readings?|"
    r"references? (?:notes|section)|internetquellen|onlinequellen|sitografia|kilder|bronnen|"
    r"(?:\w+ )?readings?(?: list)?|list of readings|textbooks?|suggestions for further reading|references? to .*|"
    r"(?:recommended|suggested|required) (?:literature|texts|books)|pflichtlekt[üu]re|lekt[üu]re\w*|lectures \w+|"
    r"lecturas \w+|leituras \w+|letture .*|文献|書目|书目|źródła|zrodla)",
    re.IGNORECASE,
)

_ENDS = re.compile(
    rf"""{_NUMBER}(?:
    appendi(?:x|ces)(?:\ .{{0,60}})?|annex(?:es)?(?:\ .{{0,60}})?|acknowledge?ments?|funding(?:\ (?:information
    |statement|sources))?|author(?:s|'s|s'|’s)?\ (?:contributions?|information|biograph(?:y|ies)|affiliations
    |details|note|summary|profile).{{0,30}}
    |about\ the\ authors?|biograph(?:y|ies|ical\ (?:notes?|sketch(?:es)?|information|statements?))
    |notes\ on\ (?:the\ )?(?:contributors?|authors?)|contributors?|conflicts?\ of\ interests?
    |competing\ (?:financial\ )?interests?|declarations?|disclosures?
    |suppl(?:ementary|emental|ementing)\ .{{0,60}}
    |supporting\ information|additional\ (?:files?|information
    |material)s?|data\ availability.{{0,40}}|figure\ legends?|figures?\ captions?|figures|tables
    |list\ of\ (?:tables|figures|abbreviations).{{0,20}}|legends?
    |index|glossary|(?:end)?notes|footnotes|abbreviations|nomenclature|publisher['’]s\ note.{{0,40}}
    |open\ access.{{0,60}}|correspondence|how\ to\ cite.{{0,40}}|(?:cite|citing)\ this\ (?:article|paper).{{0,60}}
    |copyright.{{0,60}}|licen[cs]e
    |anh(?:a|ä)nge?(?:\ .{{0,60}})?|danksagung|(?:ü|ue)ber\ d(?:en|ie)\ autor(?:en|in)?.{{0,30}}
    |autoren(?:verzeichnis|informationen|angaben)?|zu\ d(?:en|er|em)\ autor(?:en|in)?|abbildungs?verzeichnis
    |tabellenverzeichnis|abk(?:ü|ue)rzungsverzeichnis|stichwortverzeichnis|eidesstattliche.{{0,40}}
    |selbst(?:st)?(?:ä|ae)ndigkeitserkl(?:ä|ae)rung|lebenslauf|fu(?:ß|ss)noten|anmerkungen
    |annexes?|remerciements|(?:à|a)\ propos\ des?\ (?:l['’])?auteurs?|table\ des\ (?:figures|mati(?:è|e)res|annexes
    |illustrations)|liste\ des\ (?:tableaux|figures).{{0,20}}|notes\ de\ fin|r[ée]sum[ée]
    |anexos?(?:\ .{{0,40}})?|ap[eê]ndices?(?:\ .{{0,40}})?|agradecimi?entos|sobre\ (?:os?|as?|los|el
    |la)\ autor(?:es|as?)?.{{0,20}}|contribuci[oó]n.{{0,40}}|contribui[cç][aã]o.{{0,40}}|recebido.{{0,60}}
    |recibido.{{0,60}}|notas
    |appendic[ei](?:\ .{{0,40}})?|allegat[io]|ringraziamenti|note|bijlagen?(?:\ .{{0,40}})?|dankwoord|noten
    |over\ de\ auteurs?
    |(?:l[iy]st[ea]?|spis)\ (?:tabel|rysunk[óo]w|ilustracji)|za[łl][ąa]cznik(?:i|\ .{{0,40}})|podzi[ęe]kowania|przypisy
    |anschrift(?:en)?(?:\ .{{0,60}})?|korrespondenz(?:adresse|anschrift)?|kontakt(?:adresse)?
    |(?:zu\ den|die)\ autor(?:en|innen|inn?en)(?:\ .{{0,40}})?|zur\ person|angaben\ zu.{{0,40}}
    |fragebogen(?:\ .{{0,50}})?|questionnaires?(?:\ .{{0,50}})?|interviewleitfaden|leitfaden|codebook|impressum
    |author\ addresses|address(?:es)?\ (?:for|of)\ .{{0,50}}|endnotes\ .{{0,10}}|adresse\ de[sr]?\ .{{0,50}}
    |附录.{{0,20}}|附錄.{{0,20}}|付録.{{0,20}}|致谢|致謝|謝辞|作者简介.{{0,10}}|著者紹介|注释|注釋|註釋
    |приложени[ея](?:\ .{{0,40}})?|благодарности|сведения\ об\ авторах?|об\ авторах?
    |информация\ об\ авторах?.{{0,20}}|примечания
    |abstract|zusammenfassung|resumen|resumo|summary|curriculum\ vitae
    )\s*[.:]?""",
    re.IGNORECASE | re.VERBOSE,
)
# Headings of lists of what a press, a series or an author has published: they look like references and are none.
_SERIES = re.compile(
    r"""(?:.{0,40}\b(?:working|discussion|research|policy|occasional|technical)[\ -](?:papers?|reports?)(?:\ series)?
    (?:\ (?:\d{4}|in\ .{3,40}|of\ .{3,60}|series.{0,40}|published.{0,40}|since.{0,20}))?
    |(?:recent|other|latest|selected|previous|own|further|new)?\ ?(?:books?\ and\ )?(?:publications?|titles|volumes|
    issues|books)(?:\ (?:by|of|in|from)\ (?!interest).{3,60}|\ available.{0,40}|\ \d{4})?
    |(?:previously\ )?published\ (?:in|by|so\ far).{0,60}|(?:also|already)\ (?:available|published).{0,60}
    |(?:list\ of|my|author['’]?s['’]?|the\ author['’]s)\ (?:own\ )?publications.{0,40}
    |order\ form|how\ to\ order.{0,40}
    |(?:(?:neuere|neue|weitere|aktuelle|ausgewählte|eigene|bisherige|die|alle|liste\ der)\ )?
    (?:ver(?:ö|oe)ffentlichung(?:en)?
    |publikation(?:en|sliste|sverzeichnis)?|neuerscheinungen|diskussionspapiere|arbeitspapiere|arbeitsberichte
    |forschungsberichte)
    (?:\ (?:der|des|aus|in|im|von|zu|seit|\d{4})\b.{0,60})?
    |(?:bisher|zuletzt|bereits|in\ dieser\ reihe|in\ der\ reihe.{0,40})\ (?:sind\ )?(?:bisher\ )?erschienen.{0,40}
    |(?:zu\ bestellen|zu\ beziehen)\ .{0,60}|bestell(?:ung(?:en)?|schein|adresse|hinweise?).{0,40}
    |schriftenreihe(?:n)?\ .{3,80}|b(?:ü|ue)cher(?:\ \d{4})?|graue\ (?:reihe|literatur).{0,40}
    |publications\ (?:de|du|des)\ .{3,60}|(?:dans\ la\ même|déjà\ parus?).{0,50}|publicaciones\ (?:de|del)\ .{3,60}
    |títulos\ publicados.{0,40}|(?:altre\ )?pubblicazioni\ (?:di|del).{3,60}|публикации\ .{3,40}
    )\s*[.:]?""",
    re.IGNORECASE | re.VERBOSE,
)
# Sentences of publishers that follow a list without any heading.
_ENDS_SENTENCE = re.compile(
    r"(?:publisher['’]s note|open access this|springer nature remains|submit your (?:next )?manuscript|"
    r"ready to submit your research|cite this (?:article|paper)|how to cite|this is an open access|"
    r"received:? .{0,60}accepted|copyright ©|copyright \d{4}|©\s*(?:the )?(?:author|\d{4})|disclaimer/publisher|"
    r"conflict of interest:|correspondence:|reviewed by|edited by:|the pre-publication history|"
    r"pre-publication history|"
    r"publish with biomed central|your research papers will be|bio\s?med central will be|peer review under|"
    r"(?:anschrift(?:en)?|korrespondenzadresse|kontaktadresse) (?:de[rs] (?:verfasser|autor)|für|de[rs]|von)|"
    r"korrespondenz(?:adresse|anschrift)?:|(?:author|authors['’]?|author['’]s) address(?:es)?:|"
    r"address for correspondence|adresse de l['’]auteur|manuskript (?:eingegangen|eingereicht)|"
    r"we are intechopen|all rights reserved|reprints and permissions)",
    re.IGNORECASE,
)
_CHAPTER = re.compile(
    r"(?:chapter|kapitel|chapitre|cap[ií]tulo|capitolo|hoofdstuk|глава|part|teil)\s+(?:\d{1,3}|[ivxlc]+)\b.{0,80}",
    re.IGNORECASE,
)
_SPACED_CHINESE = re.compile(r"(?:[\u3400-\u9fff] ){1,8}[\u3400-\u9fff]")
_SPACED = re.compile(r"(?:\w\s){4,}\w")


def folded(text: str) -> str:
    """A heading's text with letter-spacing ("R E F E R E N C E S", "R EFERENCES") and decoration undone."""
    stripped = text.replace("\u00ad", "").strip(" \t.:–—-_|■•▪●*[]【】〔〕〈〉《》")
    if stripped[1:2] == " " and (_SPACED.fullmatch(stripped) or _SPACED_CHINESE.fullmatch(stripped)):
        return stripped.replace(" ", "")
    # Small capitals leave the first letter of each word alone: "R EFERENCES", "L ITERATURE C ITED".
    if stripped.isupper() and re.fullmatch(r"(?:\d{1,2}\.?\s+|[IVX]+\.\s+)?(?:[A-ZÄÖÜÉ] [A-ZÄÖÜÉ]{3,}\s?)+", stripped):
        return re.sub(r"\b([A-ZÄÖÜÉ]) ([A-ZÄÖÜÉ]{3,})", r"\1\2", stripped)
    return stripped


@lru_cache(_REMEMBERED)
def opens_references(text: str) -> bool:
    """Whether `text`, a whole line, reads like the heading of a list of references."""
    if not (4 if text.isascii() else 2) <= len(text) <= 90 or text[-1] in ",;\u00ad-":
        return False
    return bool(_OPENS.fullmatch(folded(text)))


def is_weak_opening(text: str) -> bool:
    """Whether such a heading also heads much else ("Sources"), so that the list must prove itself."""
    return bool(_WEAK.fullmatch(re.sub(r"^[\d.\s]+", "", folded(text))))


@lru_cache(_REMEMBERED)
def ends_references(text: str) -> bool:
    """Whether `text`, a whole line, reads like what follows a list of references."""
    if len(text) > 160:
        return False
    return bool(
        _ENDS.fullmatch(folded(text)) or _CHAPTER.fullmatch(text) or _ENDS_SENTENCE.match(text) or opens_series(text)
    )


@lru_cache(_REMEMBERED)
def opens_series(text: str) -> bool:
    """Whether `text`, a whole line, heads a list of what a series, a press or an author has published."""
    return len(text) <= 120 and bool(_SERIES.fullmatch(folded(text)))


def ends_with_sentence(text: str) -> bool:
    """Whether `text` begins with a publisher's set phrase that follows a list without any heading."""
    return bool(_ENDS_SENTENCE.match(text))
