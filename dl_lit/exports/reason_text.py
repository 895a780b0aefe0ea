"""Every reason in plain words: what happened, and what a person can do about it."""

from __future__ import annotations

from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True)
class ReasonText:
    """A reason for readers who do not know the program."""

    what: str  # one sentence
    advice: str = ""  # one sentence; empty: nothing to do


_WAIT = "Nothing: dl_lit tries again by itself."
_BY_HAND = "Get the PDF through your library and give it to dl-lit hand-in."
_OPEN_LINK = "Open the link in a browser, save the PDF and give it to dl-lit hand-in."

REASON_TEXT: dict[Reason, ReasonText] = {
    # success
    Reason.OK: ReasonText("The published version was downloaded and checked."),
    Reason.OK_ACCEPTED_VERSION: ReasonText(
        "The accepted manuscript was downloaded; page numbers differ from the published version."
    ),
    Reason.OK_PREPRINT: ReasonText(
        "A preprint was downloaded; the published text may differ.", "Check quotations against the published version."
    ),
    Reason.OK_UNVERIFIED: ReasonText(
        "A PDF was downloaded, but its text could not prove that it is this work.",
        "Look at the first page before you rely on it.",
    ),
    Reason.DUPLICATE: ReasonText("The work is in the library already, cited by another entry."),
    # extraction
    Reason.NOT_A_PDF: ReasonText(
        "The file is not a PDF, whatever its name says.", "Save it as a PDF and add it again."
    ),
    Reason.EMPTY_FILE: ReasonText("The file is empty.", "Copy it again; the transfer was probably cut short."),
    Reason.DAMAGED_PDF: ReasonText("The PDF is damaged and cannot be opened.", "Get another copy of it."),
    Reason.ENCRYPTED_PDF: ReasonText(
        "The PDF is locked with a password.", "Save a copy without the password and add that."
    ),
    Reason.NO_TEXT_LAYER: ReasonText(
        "The PDF holds pictures of pages and no text.", "Run text recognition over it (for instance OCRmyPDF)."
    ),
    Reason.GARBLED_TEXT: ReasonText(
        "The PDF's text is garbled: its fonts do not say which letters they show.",
        "Run text recognition over it (for instance OCRmyPDF --force-ocr).",
    ),
    Reason.NO_REFERENCES_FOUND: ReasonText(
        "The PDF was read, but no list of references was found.",
        "If it has one, import the references from a .bib or .ris file.",
    ),
    Reason.TOO_LARGE: ReasonText("The file is larger than the limit.", "Raise the size limit in the settings."),
    Reason.PARSE_TIMEOUT: ReasonText(
        "Reading the PDF took longer than allowed.", "Split the PDF, or raise the time limit in the settings."
    ),
    Reason.PARSE_MEMORY: ReasonText(
        "Reading the PDF needed more memory than allowed.", "Split the PDF, or raise the memory limit in the settings."
    ),
    Reason.PARSER_CRASHED: ReasonText("The PDF made the reader crash; only this file is affected.", _WAIT),
    Reason.UNREADABLE_FILE: ReasonText(
        "The file may not be read.", "Give the user that runs dl_lit permission to read it."
    ),
    Reason.VANISHED: ReasonText("The file was gone before it could be read.", "Put it back into the folder."),
    # enrichment
    Reason.NO_MATCH: ReasonText(
        "No record of this work was found in any of the services asked.",
        "Check the entry; if the work has a DOI, give it with dl-lit review ENTRY --doi DOI.",
    ),
    Reason.AMBIGUOUS_MATCH: ReasonText(
        "Several works fit the entry, or one fits only in part.", "Choose the right one with dl-lit review."
    ),
    Reason.NOT_A_WORK: ReasonText("The entry is not a work that can be collected (a note, a law, a personal message)."),
    Reason.VETOED: ReasonText(
        "A work with a similar title was found, but a fact contradicts it (year, author or number).",
        "Compare the two with dl-lit review --vetoed.",
    ),
    Reason.SERVICE_DOWN: ReasonText("A metadata service did not answer.", _WAIT),
    Reason.RATE_LIMITED: ReasonText("A service asked for a slower pace.", _WAIT),
    Reason.BAD_ANSWER: ReasonText("A service sent an answer that makes no sense.", _WAIT),
    Reason.BUDGET_EXHAUSTED: ReasonText(
        "Today's free allowance of a service is used up.", "Nothing: it goes on when the allowance is renewed."
    ),
    Reason.OFFLINE: ReasonText(
        "The run was told to stay offline, and nothing on this machine knows the answer.",
        "Run it again without --offline.",
    ),
    Reason.NOT_SET_UP: ReasonText(
        "No service that could answer is switched on.",
        "Switch one on (sources and services in the settings, dl-lit config shows them), then start dl_lit again.",
    ),
    # download: nothing to fetch
    Reason.NO_OA_LOCATION: ReasonText("No openly available copy of the work is known.", _BY_HAND),
    Reason.NO_IDENTIFIER: ReasonText(
        "The work has no identifier by which an open copy could be looked up.", "Add its DOI by importing a .bib file."
    ),
    Reason.NOT_A_DOCUMENT: ReasonText("The work is not a document: a web page, a data set or a program."),
    Reason.EMBARGOED: ReasonText("The open copy is under embargo.", "Nothing: it is asked for again when that ends."),
    # download: page problems
    Reason.NO_PDF_LINK: ReasonText("The page of the work names no PDF.", _OPEN_LINK),
    Reason.LINK_LOOP: ReasonText("The page's PDF link leads back to the page.", _OPEN_LINK),
    Reason.REDIRECT_LOOP: ReasonText("The address redirects to itself.", _OPEN_LINK),
    Reason.TOO_MANY_REDIRECTS: ReasonText("The address redirects too many times.", _OPEN_LINK),
    Reason.BAD_REDIRECT: ReasonText("The address redirects to something that is no address.", _OPEN_LINK),
    Reason.LANDING_ONLY: ReasonText("Only a page about the work was found, not the PDF.", _OPEN_LINK),
    Reason.JS_ONLY_PAGE: ReasonText("The page shows its content only to browsers that run scripts.", _OPEN_LINK),
    # download: walls
    Reason.BLOCKED_LOGIN: ReasonText("The site asks for a login.", _BY_HAND),
    Reason.BLOCKED_PAYWALL: ReasonText("The site asks for money.", _BY_HAND),
    Reason.BLOCKED_COOKIE: ReasonText("The site insists on cookies.", _OPEN_LINK),
    Reason.BLOCKED_CAPTCHA: ReasonText(
        "The site wants proof of a human visitor; dl_lit does not dodge it.", _OPEN_LINK
    ),
    Reason.BLOCKED_FORBIDDEN: ReasonText("The site refuses programs.", _OPEN_LINK),
    Reason.BLOCKED_ROBOTS: ReasonText("The site's robots.txt asks programs to stay away, and dl_lit does.", _OPEN_LINK),
    Reason.SKIP_POLICY: ReasonText("The site is on the list of those that are not asked.", _BY_HAND),
    # download: wrong content
    Reason.WRONG_MIMETYPE: ReasonText("The address gave something other than a PDF.", _OPEN_LINK),
    Reason.HTML_AS_PDF: ReasonText("The address gave a web page under the name of a PDF.", _OPEN_LINK),
    Reason.EMPTY_BODY: ReasonText("The address gave an empty file.", _OPEN_LINK),
    Reason.TRUNCATED: ReasonText("The file came only in part.", _OPEN_LINK),
    Reason.BAD_ENCODING: ReasonText("The file was packed in a way that cannot be unpacked.", _OPEN_LINK),
    Reason.PREVIEW_ONLY: ReasonText("The file is a preview of some pages.", _BY_HAND),
    Reason.SUPPLEMENT_ONLY: ReasonText("The file is a supplement, not the work itself.", _BY_HAND),
    Reason.WRONG_WORK: ReasonText("The file is another work; it was not taken.", _BY_HAND),
    Reason.NEEDS_REVIEW: ReasonText(
        "A PDF came that may be the work, but its first pages do not prove it.",
        "Look at it in the library's quarantine folder, then decide with dl-lit review.",
    ),
    # download: transient
    Reason.TIMEOUT_CONNECT: ReasonText("The site did not answer in time.", _WAIT),
    Reason.TIMEOUT_READ: ReasonText("The site stopped sending in the middle.", _WAIT),
    Reason.DNS_ERROR: ReasonText("The site's name could not be found.", _WAIT),
    Reason.TLS_ERROR: ReasonText("No secure connection to the site came about.", _WAIT),
    Reason.CONNECTION_RESET: ReasonText("The site broke off the connection.", _WAIT),
    Reason.HTTP_429: ReasonText("The site asked for a slower pace.", _WAIT),
    Reason.HTTP_5XX: ReasonText("The site reported a fault of its own.", _WAIT),
    Reason.HOST_PARKED: ReasonText("The site failed several times in a row and is left alone for a while.", _WAIT),
    Reason.HOST_BUSY: ReasonText("Other files of the same site come first.", _WAIT),
    # download: permanent HTTP
    Reason.HTTP_404: ReasonText("The address leads nowhere (404).", _BY_HAND),
    Reason.HTTP_410: ReasonText("The file was removed from its address (410).", _BY_HAND),
    Reason.HTTP_401: ReasonText("The address asks for credentials (401).", _BY_HAND),
    Reason.HTTP_4XX: ReasonText("The site refused the request.", _OPEN_LINK),
    Reason.INVALID_URL: ReasonText("The address of the copy is no valid address.", _BY_HAND),
    Reason.UNSAFE_URL: ReasonText(
        "The address leads into a private network; such addresses are never asked.",
        "If the host is yours, allow it with DL_LIT_ALLOW_HOSTS.",
    ),
    # ours
    Reason.DISK_FULL: ReasonText("There is no room left on the disk.", "Make room; it goes on by itself."),
    Reason.WRITE_ERROR: ReasonText(
        "The file could not be written into the library, or the machine had no descriptor, process or memory left.",
        "Check the permissions of the library folder; the details name what was lacking.",
    ),
    Reason.POISON: ReasonText(
        "The work on this item ended three times without an answer, so it was set aside.",
        "Look into the log, then put it back with dl-lit retry.",
    ),
    Reason.INTERNAL_ERROR: ReasonText(
        "dl_lit made a mistake; the log has the details.", "Please report it with the lines of the log."
    ),
}
