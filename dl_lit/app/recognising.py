"""How the database recognises works: by the rules of matching, which it does not know itself."""

from __future__ import annotations

from db.recognition import Recogniser
from dl_lit.matching.identity import relation_of, title_author_year_key, version_key

RECOGNISER = Recogniser(title_author_year_key, version_key, relation_of)
