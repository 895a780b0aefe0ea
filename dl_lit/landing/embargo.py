"""Until when a page says that its file is held back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import islice

from dl_lit.landing.sheet import Sheet

_MONTHS = (
    "january|jan|januar|janvier|enero|janeiro|gennaio|januari|stycznia|ledna|января|січня|ocak|tammikuuta",
    "february|feb|februar|f[ée]vrier|febrero|fevereiro|febbraio|februari|lutego|února|февраля|лютого|şubat|helmikuuta",
    "march|mar|märz|mars|marzo|março|maart|marca|března|марта|березня|mart|maaliskuuta",
    "april|apr|avril|abril|aprile|kwietnia|dubna|апреля|квітня|nisan|huhtikuuta",
    "may|mai|mayo|maio|maggio|mei|maja|května|мая|травня|mayıs|maj|toukokuuta",
    "june|jun|juni|juin|junio|junho|giugno|czerwca|června|июня|червня|haziran|kesäkuuta",
    "july|jul|juli|juillet|julio|julho|luglio|lipca|července|июля|липня|temmuz|heinäkuuta",
    "august|aug|août|agosto|augustus|sierpnia|srpna|августа|серпня|ağustos|augusti|elokuuta",
    "september|sept|sep|septembre|septiembre|setembro|settembre|września|září|сентября|вересня|eylül|syyskuuta",
    "october|oct|oktober|okt|octobre|octubre|outubro|ottobre|października|října|октября|жовтня|ekim|lokakuuta",
    "november|nov|novembre|noviembre|novembro|listopada|listopadu|ноября|листопада|kasım|marraskuuta",
    "december|dec|dezember|dez|décembre|diciembre|dezembro|dicembre|grudnia|prosince|декабря|грудня|aralık|joulukuuta",
)
_NUMBER = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.replace("[ée]", "é").split("|")}
_NUMBER["fevrier"] = 2
_MONTH = "|".join(_MONTHS)
_DAY = re.compile(
    rf"(?P<y1>20\d\d)[-/.年](?P<m1>\d{{1,2}})(?:[-/.月](?P<d1>\d{{1,2}}))?"
    rf"|(?P<d2>\d{{1,2}})[./-](?P<m2>\d{{1,2}})[./-](?P<y2>20\d\d)"
    rf"|(?P<d3>\d{{1,2}})(?:st|nd|rd|th|er|\.|º)?[\s-]+(?:de\s+)?(?P<m3>{_MONTH})\.?,?[\s-]+(?:de\s+)?(?P<y3>20\d\d)"
    rf"|(?P<m4>{_MONTH})\.?\s+(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y4>20\d\d)"
    rf"|(?P<m5>{_MONTH})\.?,?\s+(?:de\s+)?(?P<y5>20\d\d)",
    re.IGNORECASE,
)
_SAYS = re.compile(
    r"embargo(?:ed|e|es|iert|ado|ada|s)?\b[^.;<>]{0,60}?(?:until|till|till|to|end(?:s|ing)?|expir\w+|lift\w*|date"
    r"|period|bis|jusqu['’]?\w*|hasta|at[ée]|fino|tot|do|до|:)"
    r"|sous embargo|under embargo|embargoed|sperrfrist|gesperrt bis|freigabe ab|zugriff ab"
    r"|(?:restricted|closed|withheld|not available|unavailable) until|(?:will be|becomes?|is) (?:freely |openly "
    r"|publicly )?(?:available|accessible|open) (?:from|on|after)"
    r"|(?:full[\s-]?text|file|pdf|document|access) (?:will be )?(?:available|released?) (?:from|on|after)"
    r"|available (?:to the public )?(?:from|after)|release date|open access (?:from|as of)"
    r"|(?:frei )?(?:verfügbar|zugänglich) ab|disponible (?:[àa] partir du|a partir del?)|dispon[íi]vel a partir"
    r"|disponibile dal|beschikbaar vanaf|dostępn\w+ od|доступ\w* с|公開日|エンバーゴ|开放日期",
    re.IGNORECASE,
)
_MACHINE = re.compile(r"info:eu-repo/date/embargoEnd/(20\d\d-\d\d-\d\d)", re.IGNORECASE)
_MENTIONS = 40  # of embargoes that are looked at
_REACH = 80  # characters behind the words in which the day stands
_TAGS = frozenset(
    {
        "dc.rights.embargodate",
        "dc.date.embargo",
        "dc.date.embargoed",
        "dc.date.embargountil",
        "dc.embargo.terms",
        "eprints.date_embargo",
        "citation_embargo_date",
        "dc.date.available.embargo",
    }
)


def embargo_end(sheet: Sheet) -> date | None:
    """The day from which the page's file is open, the latest of those it gives; None where it speaks of no embargo."""
    return max(_days(sheet), default=None)


def _days(sheet: Sheet) -> Iterator[date]:
    for name, content in sheet.metas:
        if (match := _MACHINE.search(content)) is not None:
            yield from _day_in(match[1])
        elif name in _TAGS:
            yield from _day_in(content[:200])
    for match in _MACHINE.finditer(sheet.text):
        yield from _day_in(match[1])
    for match in islice(_SAYS.finditer(sheet.text), _MENTIONS):
        yield from _day_in(sheet.text[match.start() : match.end() + _REACH][len(match[0]) :])


def _day_in(text: str) -> Iterator[date]:
    """The first day that a text names, if any."""
    match = _DAY.search(text)
    if match is None:
        return
    given = {name[0]: value for name, value in match.groupdict().items() if value}
    month = given["m"].lower()
    number = int(month) if month.isdigit() else _NUMBER.get(month.replace(".", ""))
    day = int(given.get("d", "1"))
    if number is not None and number > 12 >= day:
        number, day = day, number  # month first, as Americans write
    try:
        yield date(int(given["y"]), number or 0, day)
    except ValueError:
        return
