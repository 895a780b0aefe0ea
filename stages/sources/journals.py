"""Journals of physics as INSPIRE abbreviates them, by how bibliographies print them."""

from __future__ import annotations

import re

from dl_lit.matching.normalise import plain_text, text_key

# https://inspirehep.net/journals (read 2026-11-23): full names and other abbreviations of those that are cited most.
# What is printed like INSPIRE's own form but for spaces needs no line.
_FORMS = {
    "physical review letters": "Phys.Rev.Lett.",
    "prl": "Phys.Rev.Lett.",
    "physical review": "Phys.Rev.",
    "reviews of modern physics": "Rev.Mod.Phys.",
    "nuclear physics": "Nucl.Phys.",
    "physics letters": "Phys.Lett.",
    "physics reports": "Phys.Rept.",
    "phys rep": "Phys.Rept.",
    "journal of high energy physics": "JHEP",
    "j high energy phys": "JHEP",
    "journal of cosmology and astroparticle physics": "JCAP",
    "j cosmol astropart phys": "JCAP",
    "european physical journal": "Eur.Phys.J.",
    "the european physical journal": "Eur.Phys.J.",
    "classical and quantum gravity": "Class.Quant.Grav.",
    "class quantum grav": "Class.Quant.Grav.",
    "class quantum gravity": "Class.Quant.Grav.",
    "astrophysical journal": "Astrophys.J.",
    "the astrophysical journal": "Astrophys.J.",
    "apj": "Astrophys.J.",
    "monthly notices of the royal astronomical society": "Mon.Not.Roy.Astron.Soc.",
    "mon not r astron soc": "Mon.Not.Roy.Astron.Soc.",
    "mnras": "Mon.Not.Roy.Astron.Soc.",
    "astronomy and astrophysics": "Astron.Astrophys.",
    "communications in mathematical physics": "Commun.Math.Phys.",
    "journal of mathematical physics": "J.Math.Phys.",
    "international journal of modern physics": "Int.J.Mod.Phys.",
    "modern physics letters": "Mod.Phys.Lett.",
    "annals of physics": "Annals Phys.",
    "ann phys": "Annals Phys.",
    "progress of theoretical physics": "Prog.Theor.Phys.",
    "zeitschrift fur physik": "Z.Phys.",
    "il nuovo cimento": "Nuovo Cim.",
    "nuovo cimento": "Nuovo Cim.",
    "nuclear instruments and methods in physics research": "Nucl.Instrum.Meth.",
    "nucl instrum methods phys res": "Nucl.Instrum.Meth.",
    "new journal of physics": "New J.Phys.",
    "journal of physics": "J.Phys.",
    "reports on progress in physics": "Rept.Prog.Phys.",
    "rep prog phys": "Rept.Prog.Phys.",
}
_SERIES = re.compile(r"(.+?),?\s+(?:section\s+)?([A-H]|X)$")


def inspire_form(printed: str) -> str:
    """`printed` in INSPIRE's form: "Physical Review D" is "Phys.Rev.D"; others only lose the spaces behind points."""
    name = plain_text(printed).strip(" ,")
    series = _SERIES.fullmatch(name)
    main, letter = (series[1], series[2]) if series else (name, "")
    form = _FORMS.get(text_key(main))
    if form is None:
        return re.sub(r"\.\s+", ".", name.replace(",", " "))
    return form if form in {"JHEP", "JCAP"} else f"{form}{letter}"
