"""The words of notes: how citations are introduced, how works are pointed to, how names begin."""

from __future__ import annotations

import re

from dl_lit.pdf.splitting.patterns import UPPER

_SIGNALS = (
    r"see,? (?:also|for example|for instance|e\. ?g\.|especially|esp\.|in particular|generally|further)|see|"
    r"but see(?: also)?|but cf\.|compare(?: also)?|cf\.(?: also)?|contra|accord|(?:as )?quoted (?:in|from|by)|"
    r"cited (?:in|by)|for (?:example|instance),?|e\. ?g\.,?|and|also|on this,? see|"
    r"vgl\.(?: auch| dazu| hierzu| etwa| z\. ?B\.| ferner)*|siehe(?: auch| dazu| hierzu| etwa)*|"
    r"s\.(?: auch| dazu| hierzu)|so(?: auch| etwa)?|dazu|hierzu|etwa|z\. ?B\.|zit(?:iert)?\.? nach|nach|ferner|"
    r"voir(?: aussi| notamment| par exemple)*|cf\. aussi|par exemple|véase(?: también)*|véanse|"
    r"cfr\.(?: anche)*|si veda(?: anche)*|si vedano|ver(?: também)?|cf\. também|zie(?: ook)?|vgl\. ook|"
    r"см\.(?: также| например| об этом)*(?::)?|ср\.|zob\.(?: też)?|por\.|参见|参看|参阅|见|參見|例えば|参照"
)
SIGNAL = re.compile(rf"(?:(?:{_SIGNALS})[,:]?\s*(?=[^a-z]|{_SIGNALS}))", re.IGNORECASE)
SAME_PLACE = re.compile(
    r"(?:ibid(?:em)?\b|ib\.|ebd\b|ebenda\b|ebda\b|ivi\b|там же|tamże|ibíd(?:em)?\b|同上|同前|同書|同书)[.,:]?",
    re.IGNORECASE,
)
# "Id. at 5" of law reviews, "Idem, p. 5": the same work where nothing but a place in it follows.
SAME_WORK = re.compile(r"(?:id\.|idem\b|ид\.)[.,:]?\s*(?:at\s|§|p{1,2}\.|S\.|n\.|с\.|\d|$|\.)", re.IGNORECASE)
SAME_AUTHOR = re.compile(
    r"(?:idem|id\.|eadem|ders(?:\.|elbe)|dies(?:\.|elben?)|он же|она же|tenże|taż|lo stesso|le même|el mismo)[,:]?\s+",
    re.IGNORECASE,
)
NAMED_WORK = re.compile(
    r"\b(?:op|loc|art|ob)\. ?cit\b\.?|\bo\. ?c\.|\ba\. ?a\. ?O\.|\bopere? cit\b\.?|"
    r"\bdz\. ?cyt\.|\bуказ\. ?соч\.|\bсоч\.|\bцит\. ?соч\.|\bcit\.(?=[,. ]|$)|前掲|前揭|上揭",
    re.IGNORECASE,
)
NOTE_NUMBER = re.compile(
    r"\(?\s*(?:(?:supra|infra|above|op\. ?cit\.,?)[,\s]*(?:at\s)?(?:foot)?(?:note|n)s?\.?\s*(\d{1,4})|"
    r"(?:wie\s|siehe\s|vgl\.\s|s\.\s|oben\s|oben,\s|voir\s|vid\.\s|nota\s|see\s)*(?:Fn|Fußn|Fußnote|Anm|Anmerkung|footnote|"
    r"note|note|nota|прим|сн|przyp)\.?\s*(\d{1,4})|(?:see|cf\.|as\sin|vgl\.|siehe)\s(?:above,?\s)?n\.\s?(\d{1,4}))\s*\)?",
    re.IGNORECASE,
)
YEAR = re.compile(r"(?<![\d.–-])(?:1[5-9]|20)\d{2}(?!\d|\s?[–-]\s?\d{4})")
_PARTICLES = (
    r"(?:(?:van|von|de|der|den|del|della|di|da|dos|das|du|la|le|les|ten|ter|zu|zur|el|al|bin|ibn|dem|vom)\s|[dl]['’])"
    r"{0,4}"
)
WORD = rf"[{UPPER}][\w'’´`\-]*[^\W\d_]"
_INITIALS = rf"(?:[{UPPER}][a-z]?\.[\s\-]?){{1,4}}"
_GIVEN = rf"(?:{_INITIALS}|(?:{WORD}|{_INITIALS.rstrip()})\s(?:(?:{WORD}|[{UPPER}]\.)\s){{0,2}})"
_FIRST = rf"{_GIVEN}\s?{_PARTICLES}{WORD}(?:\s(?:{WORD}))?(?:,?\s(?:Jr|Sr|I{{2,3}})\.?)?"
_REVERSED = rf"{_PARTICLES}{WORD}(?:[\s\-]{WORD})?,\s(?:{_INITIALS}|{WORD}(?:\s(?:{WORD}|[{UPPER}]\.))?)"
_INVERTED = rf"{WORD}\s(?:[{UPPER}]\.\s?){{0,2}}[{UPPER}]\."
_CYRILLIC = r"[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?\s(?:[А-ЯЁ]\.\s?){0,2}[А-ЯЁ]\."
_AND = r"(?:,?\s(?:and|und|et|y|e|i|и|&|en|with)\s|\s?/\s?|,\s|\s?;\s)"
_EDITING = r"(?:eds?\.?|Hrsg\.?|Hg\.?|dir\.?|éds?\.?|a cura di|orgs?\.?|ред\.)"
_MARK = r"(?=[,:.]\s|\s[(\[“\"„«]|\s?[:,]\s?[“\"„«])"
# Names, as far as the mark behind the last of them: what a citation in full begins with.
NAMES = re.compile(
    rf"(?P<cyrillic>{_CYRILLIC})(?:,\s{_CYRILLIC}){{0,5}}\s?(?=[А-ЯЁ«„“(])|"
    rf"(?:(?P<first>{_FIRST})(?:{_AND}{_FIRST}){{0,5}}|(?P<reversed>{_REVERSED})(?:{_AND}(?:{_REVERSED}|{_FIRST})){{0,5}}|"
    rf"(?P<inverted>{_INVERTED})(?:,\s{_INVERTED}){{0,5}}(?=,?\s[{UPPER}«“„])|(?P<alone>{_PARTICLES}{WORD})(?=,\s[Ii]n:\s))"
    rf"(?:(?<=\.)(?=\s[{UPPER}«“„])|(?:,?\set al\.?|\su\. ?a\.)?(?:\s\({_EDITING}\)|,\s(?:eds?\.|Hrsg\.|Hg\.))?{_MARK})"
)
# An author's name in a script without capitals, before a title in its brackets or a word for "the work named".
IDEOGRAPHS = re.compile(r"(?P<family>[\u3400-\u9fff]{1,8})(?:著|编|編|主编)?[:：,、，]?\s?(?=[『《「]|前掲|前揭|上揭)")
# A short form's head: a family name, and a mark.
FAMILY = re.compile(rf"(?:{_INITIALS})?{_PARTICLES}(?P<family>{WORD}(?:[\s\-]{WORD})?)(?:[’']s)?(?=[,:.\s(]|$)")
FULL_SIGNS = re.compile(
    rf"\([^()]*(?:1[5-9]|20)\d\d[^()]*\)|[“„«\"‘][^”“»\"]{{6,}}[”“»\"’]|《[^》]+》|『[^』]+』|「[^」]+」|"
    rf"[{UPPER}][\w\-]+(?:[/ ][{UPPER}][\w\-]+)?:\s[^:]{{3,60}},\s(?:1[5-9]|20)\d\d|"
    rf"[{UPPER}][\w\-]*\.?(?:[/–-][{UPPER}][\w\-]+)*,?\s(?:1[5-9]|20)\d\d|\b10\.\d{{4,9}}/|https?://|"
    rf"\s//\s|\b[{UPPER}]\.(?:[;–-]\s?[{UPPER}]\.)?\s?[:,]\s",
)
CASE = re.compile(rf"[{UPPER}][\w.'’&\- ]{{0,60}}\sv\.?\s[{UPPER}]|\d+\sU\.\s?S\.\s?C\.|^§|\bC\.F\.R\.|BGHZ|BVerfGE")
