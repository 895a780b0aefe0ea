"""What the finds about a file are, each with how far it holds. Pure."""

from __future__ import annotations

from dl_lit.matching.compare import Agreement, title_similarity
from dl_lit.matching.normalise import squash, text_key
from dl_lit.matching.proof.case import EXACT, NEARLY, TELLING_LETTERS, Case, other_doi, titles_of
from dl_lit.matching.proof.titles import Stand
from dl_lit.matching.vetoes import is_generic


def weigh(case: Case) -> None:
    """Note all finds."""
    _weigh_title(case)
    _weigh_identifiers(case)
    _weigh_people(case)
    imprint = case.imprint
    for name, agreement in (("container", imprint.container), ("volume", imprint.volume), ("page", imprint.page)):
        if agreement is Agreement.AGREE:
            case.weights[name] = 1.0
    if imprint.year.is_positive:
        case.weights["year"] = 1.0 if imprint.year is Agreement.AGREE else 0.3
    if imprint.told:
        case.evidence.append((0.4, f"{', '.join(imprint.told)} printed"))
    if imprint.volume is Agreement.CONFLICT:
        case.note("volume-other", "another volume is printed")
    if imprint.year is Agreement.CONFLICT:
        printed = case.facts.year or "another year"
        case.note("year-other", f"the file is of {printed}, the work of {case.work.year}")
    if case.cover is not None:
        covers = "/".join(dict.fromkeys(page.cover or "" for page in case.front.covers))
        told = "names the work" if case.cover else "names another work"
        case.note("cover" if case.cover else "cover-other", f"the cover sheet ({covers}) {told}")


def _weigh_title(case: Case) -> None:
    stand = case.stand
    if stand is not None:
        telling = _telling(stand.title)
        where = f"on page {stand.leaf.page.number}"
        if stand.conflict is not None:
            case.note("title-other", f"{stand.conflict} {where}")
        elif stand.is_heading:
            case.note(_title_find(stand), f"title {stand.likeness:.2f} {where}", telling)
        else:
            case.note("title-mentioned", f"title mentioned {where}", telling)
    stated = case.facts.stated_title
    if stated and max(title_similarity(stated, title) for title in titles_of(case.work) or [""]) >= NEARLY:
        case.note("title-stated", "title in the metadata")
    if case.other_title is not None:
        case.note("title-other", f"its title is “{case.other_title[:80]}”")


def _title_find(stand: Stand) -> str:
    if stand.likeness >= EXACT:
        return "title"
    return "title-nearly" if stand.likeness >= NEARLY else "title-roughly"


def _telling(title: str) -> float:
    """How much a title says, 0 to 1: a short or common one little."""
    letters = len(squash(text_key(title)))
    return 0.15 if is_generic(title) else min(1.0, max(0.3, letters / TELLING_LETTERS))


def _weigh_identifiers(case: Case) -> None:
    named = case.named
    if named.is_ours:
        case.note("doi", f"DOI on page {named.ours_on_page}")
    elif named.is_mentioned:
        case.note("doi-mentioned", "DOI mentioned, not as its own")
    if named.is_stated:
        case.note("doi-stated", "DOI in the metadata")
    if not named.is_ours and not named.is_stated and (other := other_doi(case)):
        is_version = case.is_titled and case.people.agreement.is_positive
        case.note("doi-other-version" if is_version else "doi-other", f"it bears another DOI, {other}")
    if named.is_arxiv_ours:
        case.note("arxiv", "arXiv identifier")
    elif named.other_arxiv:
        case.note("arxiv-other", f"it bears another arXiv identifier, {named.other_arxiv}")
    if named.is_isbn_ours:
        case.note("isbn", "ISBN")
    elif named.other_isbns:
        case.note("isbn-other", "another ISBN is printed")


def _weigh_people(case: Case) -> None:
    people = case.people
    if not people.sought and case.stands_alone:
        case.note("title-alone", "the record names no people")
    if people.agreement is Agreement.AGREE:
        case.note("people", people.told, min(1.5, 0.85 + 0.15 * people.found))
    elif people.agreement is Agreement.CLOSE:
        case.note("people-some", people.told, 0.6)
    elif people.agreement is Agreement.CONFLICT:
        names = ", ".join(name.sort_key for name in case.facts.authors[:3])
        case.note("people-other", f"other people are named: {names}")
