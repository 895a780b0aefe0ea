"""What LaTeX calls letters and signs beyond ASCII: one table for writing and for reading.

Accents are not listed: they follow from how Unicode takes letters apart. Only names that every LaTeX of the last years
knows, and every reader of .bib files that we tried, stand here; what is not here is written in Unicode.
"""

from __future__ import annotations

import unicodedata

ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", '"': "\u0308", "=": "\u0304", ".": "\u0307",
    "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328", "r": "\u030a", "d": "\u0323",
    "b": "\u0331",
}  # fmt: skip
"""Accent commands and the combining characters they are."""

LETTERS = {
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L",
    "ı": "i", "ȷ": "j",
    "‘": "textquoteleft", "’": "textquoteright",
    "„": "quotedblbase", "‚": "quotesinglbase", "«": "guillemotleft", "»": "guillemotright",
    "‹": "guilsinglleft", "›": "guilsinglright", "…": "ldots", "†": "dag", "‡": "ddag", "§": "S", "¶": "P",
    "©": "copyright", "®": "textregistered", "™": "texttrademark", "°": "textdegree", "£": "pounds",
    "·": "textperiodcentered", "•": "textbullet", "<": "textless", ">": "textgreater",
    "|": "textbar", "\\": "textbackslash", "{": "textbraceleft", "}": "textbraceright", "~": "textasciitilde",
    "^": "textasciicircum",
}  # fmt: skip
"""Commands that are one character of text."""

MATHS = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ϵ": "epsilon", "ζ": "zeta",
    "η": "eta", "θ": "theta", "ϑ": "vartheta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu",
    "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma", "ς": "varsigma", "τ": "tau", "υ": "upsilon", "φ": "varphi",
    "ϕ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda",
    "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
    "±": "pm", "×": "times", "÷": "div", "≤": "leq", "≥": "geq", "≠": "neq", "≈": "approx", "∞": "infty",
    "→": "rightarrow", "←": "leftarrow", "↔": "leftrightarrow", "⇒": "Rightarrow", "∈": "in", "∂": "partial",
    "∇": "nabla", "√": "surd", "∼": "sim", "≡": "equiv", "∝": "propto", "⊂": "subset", "⊆": "subseteq",
    "∩": "cap", "∪": "cup", "∀": "forall", "∃": "exists", "ℓ": "ell", "ℏ": "hbar", "∘": "circ",
}  # fmt: skip
"""Commands that are one character of math."""

GREEK = "".join(sign for sign in MATHS if "\u0370" <= sign <= "\u03ff")

_RANGES = (range(0xC0, 0x250), range(0x1E00, 0x1F00))


def accented() -> dict[str, tuple[str, str]]:
    """Every letter that is an ASCII letter with one accent LaTeX has, with that accent's command and the letter."""
    commands = {mark: command for command, mark in ACCENTS.items()}
    found = {}
    for code in (code for codes in _RANGES for code in codes):
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and (mark := commands.get(chr(int(parts[1], 16)))):
            base = chr(int(parts[0], 16))
            if base.isascii() and base.isalpha():
                found[chr(code)] = (mark, base)
    return found
