"""Which text between dollars is a formula, and one that a .bib file may hand to TeX as it is.

Titles come from strangers: a command that reads files or runs programs must never reach TeX, so only commands that are
known to typeset a formula do.
"""

from __future__ import annotations

import re

_TYPESETTING = """
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa varkappa lambda mu nu xi pi
    varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma
    Upsilon Phi Psi Omega digamma aleph beth hbar hslash ell Re Im wp partial nabla infty prime emptyset
    varnothing forall exists nexists neg lnot angle triangle square blacksquare diamond star ast bullet circ
    dagger ddagger dots ldots cdots vdots ddots pm mp times div cdot cap cup sqcap sqcup vee wedge oplus ominus
    otimes oslash odot setminus wr amalg land lor leq le geq ge neq ne equiv sim simeq approx cong propto asymp
    doteq ll gg prec succ preceq succeq subset supset subseteq supseteq subsetneq supsetneq in ni notin mid nmid
    parallel perp vdash dashv models lesssim gtrsim leqslant geqslant to gets leftarrow rightarrow
    leftrightarrow Leftarrow Rightarrow Leftrightarrow longrightarrow longleftarrow Longrightarrow mapsto
    longmapsto hookrightarrow uparrow downarrow updownarrow nearrow searrow iff implies rightleftharpoons sum
    prod coprod int iint iiint oint bigcup bigcap bigoplus bigotimes bigvee bigwedge log ln lg exp sin cos tan
    cot sec csc arcsin arccos arctan sinh cosh tanh coth lim limsup liminf sup inf max min arg det dim ker deg
    gcd hom Pr mod bmod pmod sqrt frac dfrac tfrac cfrac binom overline underline overbrace underbrace overset
    underset stackrel hat widehat tilde widetilde bar vec dot ddot acute grave check breve mathring not mathrm
    mathbf mathit mathsf mathtt mathcal mathbb mathfrac mathfrak mathscr mathop operatorname boldsymbol bm text
    textrm textit textbf textsf texttt textsc textup textnormal mbox rm bf it sf cal boldmath displaystyle
    textstyle left right big Big bigg Bigg bigl bigr langle rangle lfloor rfloor lceil rceil lbrace rbrace lvert
    rvert lVert rVert vert Vert backslash quad qquad limits nolimits kern textsuperscript textsubscript
"""
_COMMANDS = frozenset(_TYPESETTING.split())
_SIGNS = frozenset(",;:! {}|/")  # commands of one sign that make a space, a brace or a bar
_COMMAND = re.compile(r"\\([a-zA-Z]+|.)", re.DOTALL)
_ACTIVE = re.compile(r"[#%&~]|\^\^")
_MATHS = re.compile(r"[\\^_=+<>]|^[({]*\w{1,3}[)}]*$")
_PROSE = re.compile(r"(?<![\\a-zA-Z{])[a-zA-Z]{4,}[ ,]+[a-zA-Z]{3,}")
_DOCUMENT = re.compile(
    r"\\documentclass(?:(?!\\documentclass).)*?\\begin\s*\{document\}(.*?)(?:\\end\s*\{document\}|$)", re.DOTALL
)
_LONGEST = 500  # characters; more is a text between two prices


def is_formula(tex: str) -> bool:
    """Whether what stands between dollars is math, and such that TeX can be given it."""
    return (
        len(tex) <= _LONGEST
        and _MATHS.search(tex) is not None
        and _PROSE.search(tex) is None
        and _ACTIVE.search(tex) is None
        and all(name in _COMMANDS or name in _SIGNS for name in _COMMAND.findall(tex))
        and _is_balanced(tex)
    )


def cut_out_of_document(text: str) -> str:
    r"""`text` with only the body of each whole document that a publisher put in it for the sake of one formula."""
    if "\\documentclass" not in text:
        return text
    return _DOCUMENT.sub(lambda match: match[1].strip(), text)


def _is_balanced(tex: str) -> bool:
    """BibTeX counts braces whether or not a backslash stands before them, TeX does not: both must come out even."""
    return all(_closes(braces) for braces in (tex, re.sub(r"\\.", "", tex, flags=re.DOTALL)))


def _closes(text: str) -> bool:
    depth = 0
    for character in text:
        depth += (character == "{") - (character == "}")
        if depth < 0:
            return False
    return depth == 0
