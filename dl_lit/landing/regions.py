"""Which parts of a page speak of other works, or of something else than the work's text.

A part is recognised by its class, id, role or label, by its element, or by the heading it stands under.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Region(StrEnum):
    """What a part of a page is about, where that is not the work itself."""

    REFERENCES = "references"
    RELATED = "related"  # other works: related, recommended, citing, most read
    CONTENTS = "contents"  # the issue, the volume, the chapters
    SUPPLEMENT = "supplement"
    COMMENTS = "comments"
    NAVIGATION = "navigation"
    ADVERT = "advert"


_CLASSES: tuple[tuple[Region, str], ...] = (
    (
        Region.REFERENCES,
        (
            r"references?(?:-?(?:list|section|container|wrapper|block|content|area))?|ref-?lists?|bibliograph(?:y|ie"
            r"|ies)"
            r"|bibr?-?list"
            r"|works-?cited|citations?-?list|literature-?list|literaturverzeichnis|footnotes?|endnotes?|backlinks|refs"
            r"|list-of-references|cited-(?:references|works|literature)"
        ),
    ),
    (
        Region.RELATED,
        (
            r"(?!\S*(?:files?|formats?|versions?|downloads?)\b)(?:\w+-)?(?:related|recommend(?:ed|ations?|er)?|similar"
            r"|suggest(?:ed|ions?))(?:-\w+)*|cited-?by(?:-\w+)*"
            r"|citing(?:-\w+)*"
            r"|forward-links|most-?(?:read|cited|viewed|popular|downloaded|recent)(?:-\w+)*|(?:top|popular|trending"
            r"|latest"
            r"|recent|more|other|featured"
            r"|new|next|previous|prev|adjacent)-?(?:articles?|papers?|items?|publications?|content|posts?|works"
            r"|research"
            r"|submissions?)(?:-\w+)*"
            r"|trending|also-?(?:like|viewed|read|bought)(?:-\w+)*|you-may(?:-\w+)*|see-also|further-reading|read-?next"
            r"|trendmd\S*"
            r"|article-?navigation|(?:prev|next)-?(?:next|prev)?-?(?:article|link)s?|issue-?nav\w*|collection-?items?"
            r"|plumx\S*"
        ),
    ),
    (
        Region.CONTENTS,
        (
            r"tocs?|table-?of-?contents?|issue-?(?:toc|contents?|list|articles)|articles?-?(?:toc|listing)|toc-(?:list"
            r"|section|articles?|wrapper|body)"
            r"|search-?results?(?:-\w+)*|browse(?:-\w+)*|ds-artifact-list|chapter-?list|book-?(?:toc|chapters)"
        ),
    ),
    (
        Region.SUPPLEMENT,
        (
            r"suppl(?:ement(?:s|ary|al)?)?(?:-\w+)*|supp-?(?:info|mat\w*|files?|data)|(?:\w+-)?supplement(?:s|ary"
            r"|al)(?:-\w+)*|supporting(?:-\w+)*"
            r"|additional-?(?:files?|data|information)|appendi(?:x|ces)|multimedia(?:-\w+)*|data-?(?:sets?"
            r"|availability)"
            r"|peer-?review(?:-\w+)*"
            r"|review-?(?:history|reports?)|graphical-?abstracts?"
        ),
    ),
    (
        Region.COMMENTS,
        (
            r"comments?(?:-?(?:list|section|area|wrapper|thread|body))?|disqus\S*|discussion(?:-?(?:thread|list))?"
            r"|responses-?list|e-?letters?|annotations"
        ),
    ),
    (
        Region.NAVIGATION,
        (
            r"(?:main|site|top|global|primary|secondary|page|user|side|footer|header)-?(?:nav(?:igation|bar)?|menu"
            r"|links)(?:-\w+)*|navbar(?:-\w+)*"
            r"|nav(?:igation)?-?(?:menu|links|main|primary|bar|wrapper|site)?|breadcrumbs?(?:-\w+)*|(?:site|page|main"
            r"|global)?-?footer(?:-\w+)*|site-?header|masthead"
            r"|pkp-?(?:site|navigation|head|structure-(?:head|footer|sidebar))(?:-\w+)*|pkp-?block|skip-?links?"
            r"|pagination"
            r"|pager|sitemap|cookie(?:-\w+)*|gdpr"
            r"|newsletter(?:-\w+)*|sign-?up|login(?:-\w+)*|journal-?(?:info|menu|nav|links)|for-?(?:authors?|reviewers?"
            r"|readers?|librarians?)"
            r"|author-?(?:guidelines|information|info-links)|submission(?:-\w+)*|guidelines|licen[cs]e(?:-\w+)*"
            r"|copyright(?:-\w+)*"
        ),
    ),
    (
        Region.ADVERT,
        (
            r"ads?|adverts?(?:-\w+)*|advertis\w*(?:-\w+)*|sponsor\w*(?:-\w+)*|promo(?:tion)?s?(?:-\w+)*"
            r"|banners?(?:-\w+)*"
            r"|adsbygoogle|ad-(?:slot|unit|box|container|wrapper)"
        ),
    ),
)
_BY_CLASS = re.compile("|".join(f"(?P<{region.name}>{words})" for region, words in _CLASSES))

_HEADINGS: tuple[tuple[Region, str], ...] = (
    (
        Region.REFERENCES,
        (
            r"(?:list of )?references?(?: and notes| list| cited)?|bibliography|works cited|literature(?: cited)?"
            r"|cited literature|notes(?: and references)?|footnotes"
            r"|literatur(?:verzeichnis|nachweise|angaben|hinweise)?|quellen(?:verzeichnis)?|referenzen|einzelnachweise"
            r"|r[ée]f[ée]rences(?: bibliographiques)?|bibliographie"
            r"|notes de bas de page|referencias(?: bibliogr[áa]ficas)?|bibliograf[íi]a(?: citada)?"
            r"|refer[êe]ncias(?: bibliogr[áa]ficas)?|bibliografia|referenze"
            r"|riferimenti(?: bibliografici)?|literatuur(?:lijst)?|referenties|referenser|referanser|litteratur(?:liste"
            r"|f[öo]rteckning)?|viitteet|l[äa]hteet|piśmiennictwo"
            r"|literatura(?: cytowana)?|referencje|přípisky|reference|kaynak(?:lar|ça)"
            r"|список (?:использованн\w+ )?(?:литератур\w+|источник\w+)|литература|библиография"
            r"|список використан\w+ джерел|література|参考文献|引用文献|參考文獻|참고문헌|hivatkozások|irodalom\w*"
            r"|bibliografie|referințe"
            r"|литература"
        ),
    ),
    (
        Region.RELATED,
        (
            r"(?:related|recommended|similar|suggested|other|more|further|latest|recent|popular|trending|top|featured"
            r"|companion)\b"
            r"(?!.*(?:format|version|download|option|access|file|full.?text)).{0,40}"
            r"|(?:articles?|papers?|works|publications) (?:you may|that may|citing|related|similar).{0,40}|(?:most|mest"
            r"|meist|plus) (?:read|cited|viewed|downloaded|popular|shared"
            r"|lest|läst|gelesen\w*|lus?).{0,30}|cited by.{0,30}|citing (?:articles|literature|works)|citations"
            r"|people also.{0,30}|you (?:may|might) also.{0,30}|see also|read next"
            r"|(?:next|previous) article|browse.{0,40}|mentioned in|view related.{0,30}|ähnliche.{0,40}"
            r"|verwandte.{0,40}"
            r"|das könnte.{0,40}|weitere.{0,40}|articles? (?:similaires?|connexes?|liés)"
            r"|sur le même.{0,30}|art[íi]culos (?:relacionados|similares|m[áa]s.{0,20})|artigos (?:relacionados"
            r"|semelhantes|mais.{0,20})|articoli (?:correlati|simili)|gerelateerde.{0,30}|powiązane.{0,30}"
            r"|podobne.{0,30}|podobn[ée].{0,30}|související.{0,30}|похожие.{0,40}|связанные.{0,30}|схожі.{0,30}"
            r"|相关(?:文章"
            r"|论文).{0,10}|推荐.{0,10}|関連(?:論文|記事|文献).{0,10}|관련.{0,20}|benzer.{0,30}|ilgili.{0,30}"
            r"|relaterade.{0,30}|relaterede.{0,30}|relaterte.{0,30}|lignende.{0,30}|liknande.{0,30}|aiheeseen.{0,30}"
            r"|samankaltais.{0,30}"
        ),
    ),
    (
        Region.CONTENTS,
        (
            r"table of contents|contents|in this (?:issue|volume|book|collection).{0,30}|issue contents"
            r"|(?:all )?articles in (?:this|the) issue|chapters|inhalt(?:sverzeichnis)?|in diesem heft.{0,20}"
            r"|sommaire|table des mati[èe]res|dans ce numéro|[íi]ndice|tabla de contenidos?|sum[áa]rio|indice|sommario"
            r"|inhoud(?:sopgave)?|spis treści|obsah|содержание|зміст|目次|目录|차례|목차|içindekiler|inneh[åa]ll"
            r"|indhold|innhold"
            r"|sisällys.{0,10}|search results|recent submissions"
        ),
    ),
    (
        Region.SUPPLEMENT,
        (
            r"supp(?:lement(?:s|ary|al)?|orting)\b.{0,60}|(?:electronic |online )?supplement\w*.{0,40}"
            r"|additional (?:files?|information|data|material).{0,30}|appendi(?:x|ces).{0,30}|(?:research"
            r"|underlying) data.{0,20}|data availability.{0,20}"
            r"|associated data|multimedia.{0,20}|(?:open )?peer review.{0,30}|review(?:er)? (?:reports?|history"
            r"|comments).{0,20}|graphical abstract|anh[äa]nge?|zusatzmaterial\w*|ergänzende.{0,30}|zusätzliche.{0,30}"
            r"|annexes?|mat[ée]riel suppl.{0,30}"
            r"|documents? (?:supplémentaires?|annexes?)|material(?:es)? (?:suplementarios?|adicional(?:es)?"
            r"|complementarios?)|archivos? adicional(?:es)?|anexos?|arquivos? suplementar(?:es)?|materia(?:l"
            r"|is) suplementar(?:es)?|materiali? supplementar[ei]|allegati|bijlagen?|załączniki"
            r"|přílohy|приложени[ея]|дополнительные.{0,30}|додатки|附件|补充材料|補足資料|付録|부록|보충.{0,10}|ekler"
            r"|bilag(?:or|a)?"
            r"|vedlegg|liitteet"
        ),
    ),
    (
        Region.COMMENTS,
        (
            r"(?:\d+ )?comments?(?: \(\d+\))?|leave a (?:comment|reply)|responses|discussion thread|kommentare?"
            r"|commentaires?|comentarios?|coment[áa]rios?|commenti|reacties|komentarze|komentáře|комментарии"
            r"|коментарі|评论"
            r"|コメント|댓글|yorumlar|kommentarer|kommentit"
        ),
    ),
    (
        Region.NAVIGATION,
        (
            r"(?:for|information for|instructions (?:for|to)|guidelines? (?:for|to)) (?:authors?|reviewers?|readers?"
            r"|librarians?|contributors?).{0,20}|author (?:guidelines|instructions|resources)|about (?:the "
            r"|this )?(?:journal|publisher|us).{0,20}|journal information|quick links|make a submission|current issue"
            r"|submit (?:an? )?(?:article|manuscript|paper).{0,20}|editorial (?:board|policies)|publication ethics"
            r"|templates?|policies|help|für autor\w*.{0,20}|pour les auteurs|para (?:autores|autoras"
            r"|los autores).{0,20}"
            r"|información|informações|downloads? for authors"
        ),
    ),
    (Region.ADVERT, r"advertis\w+|sponsored.{0,20}|anzeigen?|publicit[ée]|publicidad|sponsors?"),
)
_BY_HEADING = re.compile("|".join(f"(?P<{region.name}>{words})" for region, words in _HEADINGS))
_NUMBERING = re.compile(r"^[\W\d_ivx]{0,8}?(?=[^\W\d_])|[\s:.…()\[\]\d]+$")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")

NAMELESS = frozenset({"html", "body", "main", "article", "a", "form", "h1"})
"""Elements whose classes describe the page, not a part of it."""

_OWN_TOOLS = re.compile(r"article|tool|download|full-?text|pdf|format|galley|action|access|file|view", re.IGNORECASE)


def region_of_names(tag: str, names: str) -> Region | None:
    """What a part is by its element and by its class, id, role and label, words parted by white space; None if none."""
    if tag in NAMELESS:
        return None
    for name in names.split()[:30]:
        word = _CAMEL.sub("-", name[:60]).replace("_", "-").lower().strip("-")
        word = re.sub(r"-+", "-", word)
        if (match := _BY_CLASS.fullmatch(word)) is not None and match.lastgroup:
            return Region[match.lastgroup]
    if tag == "footer":
        return Region.NAVIGATION
    if tag == "nav" and not _OWN_TOOLS.search(names):
        return Region.NAVIGATION
    return None


def region_of_heading(text: str) -> Region | None:
    """What stands below a heading of this text; None where that is the work itself."""
    text = " ".join(text.split()).lower()
    if not 2 < len(text) <= 90 and not (text and not text.isascii() and len(text) <= 90):
        return None
    match = _BY_HEADING.fullmatch(text) or _BY_HEADING.fullmatch(_NUMBERING.sub("", text).strip())
    return Region[match.lastgroup] if match is not None and match.lastgroup else None
