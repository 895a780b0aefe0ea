"""How the first words of an entry look, and the last ones of a line that ends an entry, or does not."""

from __future__ import annotations

import re

YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d{2}(?!\d)")
UPPER = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪĮİĶĹĻĽŁŃŅŇŌŐŒŔŘŚŞŠŢŤŪŮŰŲŹŻŽА-ЯЁ"
WORD = rf"[{UPPER}][\w'’´`\-–]*"
PARTICLE = (
    r"(?:(?:[Vv]an|[Vv]on|[Dd]e|[Dd]er|[Dd]en|[Dd]el|[Dd]ella|[Dd]i|[Dd]a|[Dd]os|[Dd]as|[Dd]u|[Ll]a|[Ll]e|"
    r"[Tt]en|[Tt]er|[Zz]u|[Zz]ur|[Aa]l|[Ee]l|bin|d['’]|[Oo]['’])[\s\-]?){0,3}"
)
STARTS = re.compile(
    rf"^[\"“„«‘'(]?(?:"
    rf"{PARTICLE}{WORD}(?:[ \-]{WORD}){{0,3}},\s*(?:{PARTICLE}(?:[{UPPER}]\.|{WORD}))"  # Knuth, D.
    rf"|{PARTICLE}{WORD}(?:[ \-]{WORD}){{0,2}}\s[{UPPER}][{UPPER}\-]{{0,3}}(?=[,.:;\s(])"  # Knuth DE
    rf"|(?:[{UPPER}]\.[\s\-]*){{1,4}}{PARTICLE}{WORD}"  # D. E. Knuth
    rf"|{WORD}(?:\s[{UPPER}]\.)?\s{PARTICLE}{WORD}(?:,|\sand\s|\.\s)"  # Donald E. Knuth,
    rf"|.{{3,120}}?\(?(?:(?:1[5-9]|20)\d\d[a-z]?|n\.\s?d\.)\)?[.,:]"  # Some Body (2001).
    rf"|(?:---|———|–––|___|— —|⸺|⸻|\*\*\*)"
    rf")"
)
STARTS_STRICT = re.compile(
    rf"^[\"“„«‘']?(?:"
    rf"{PARTICLE}{WORD}(?:[ \-]{WORD}){{0,2}},\s*(?:[{UPPER}]\.|{WORD}(?:\s[{UPPER}]\.)?\s?[,.(&;/]|"
    rf"{WORD}\s(?:and|und|et|y|e|&)\s)"
    rf"|{PARTICLE}{WORD}(?:[ \-]{WORD}){{0,1}}\s[{UPPER}]{{1,3}}[,.:]\s"
    rf"|(?:[{UPPER}]\.[\s\-]*){{1,3}}{PARTICLE}{WORD}(?:,|\sand\s|\s&\s)"
    rf"|[{UPPER}][\w .'’&\-]{{2,60}}\(?(?:1[5-9]|20)\d\d[a-z]?\)?[.,:]"
    rf")"
)
HEAD = 160  # characters of a line that are looked at: enough for its first name, or its year
ENDS_ENTRY = re.compile(
    r"(?:[.\])]|\d|https?://\S+|\b10\.\d{4,9}/\S+|[?!»”\"]|/)\s*$",
)
ENDS_OPEN = re.compile(r"(?:,|;|:|&|\band|\bund|\bet|\bIn:?|\bpp\.|\bvol\.|\bno\.|\bVol\.|\bdoi:?|[-–—(])\s*$")
