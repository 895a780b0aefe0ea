"""The languages in which scans are read."""

import pytest

from dl_lit.app.reading.readers import ocr_order
from dl_lit.core.errors import NeedsConfiguration
from dl_lit.settings.load import load


def test_the_word_none_switches_reading_scans_off():
    assert ocr_order(load(env={"DL_LIT_PDF_OCR_LANGUAGES": "none"}).settings) is None
    order = ocr_order(load(env={"DL_LIT_PDF_OCR_LANGUAGES": "deu+eng"}).settings)
    assert order is not None
    assert order.languages == "deu+eng"


def test_what_is_no_language_is_refused_in_plain_words():
    with pytest.raises(NeedsConfiguration, match=r"'\.\./\.\./etc' are no languages .* write eng, deu\+eng or none"):
        load(env={"DL_LIT_PDF_OCR_LANGUAGES": "../../etc"})
