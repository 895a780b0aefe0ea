"""Tesseract in this process, through tesserocr, which brings the engine itself; the language data is the system's."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from PIL import Image

from dl_lit.pdf.ocr.installed import HOW_TO_INSTALL, CannotRecognise, usable_languages
from dl_lit.pdf.ocr.order import OcrOrder
from dl_lit.pdf.ocr.recogniser import SeenLine, SeenWord


class Tesseract:
    """Tesseract's LSTM engine (`ocr.recogniser.Recogniser`)."""

    def __init__(self, order: OcrOrder) -> None:
        """Load the engine and the languages of `order` that are installed; raises `CannotRecognise`."""
        os.environ.setdefault("OMP_THREAD_LIMIT", "1")  # one child, one core
        try:
            import tesserocr  # noqa: PLC0415 - the `ocr` extra, which need not be installed
        except ImportError as error:
            raise CannotRecognise(HOW_TO_INSTALL) from error
        folder, languages, self.left_out = usable_languages(order)
        self._ocr: Any = tesserocr
        try:
            self._api: Any = tesserocr.PyTessBaseAPI(
                path=str(folder), lang="+".join(languages), psm=tesserocr.PSM.AUTO, oem=tesserocr.OEM.LSTM_ONLY
            )
        except RuntimeError as error:
            raise CannotRecognise(f"Tesseract cannot load {'+'.join(languages)} from {folder}") from error

    def lines(self, image: Image.Image, dpi: int, timeout_s: float) -> list[SeenLine]:
        """The lines of a grey `image` in reading order; none when it takes longer than `timeout_s`."""
        return self._recognise(image, dpi, timeout_s, self._ocr.PSM.AUTO)

    def word(self, image: Image.Image, dpi: int, timeout_s: float) -> str:
        """The one word on a grey `image`; empty where none is recognised."""
        seen = self._recognise(image, dpi, timeout_s, self._ocr.PSM.SINGLE_LINE)
        return "".join(line.text for line in seen).strip()

    def _recognise(self, image: Image.Image, dpi: int, timeout_s: float, mode: int) -> list[SeenLine]:
        grey = image if image.mode == "L" else image.convert("L")
        self._api.SetPageSegMode(mode)
        self._api.SetImageBytes(grey.tobytes(), grey.width, grey.height, 1, grey.width)
        self._api.SetSourceResolution(dpi)
        try:
            if not self._api.Recognize(max(int(timeout_s * 1000), 1)):
                return []
            return self._seen()
        finally:
            self._api.Clear()

    def _seen(self) -> list[SeenLine]:
        row, word = self._ocr.RIL.TEXTLINE, self._ocr.RIL.WORD
        found = self._api.GetIterator()
        if found is None:
            return []
        lines: list[SeenLine] = []
        words: list[SeenWord] = []
        for one in self._ocr.iterate_level(found, word):
            if one.Empty(word) or not (box := one.BoundingBox(word)):
                continue
            if one.IsAtBeginningOf(row) and (around := one.BoundingBox(row)):
                words = []
                left, top, right, bottom = map(float, around)
                height = float(one.RowAttributes()["row_height"])
                lines.append(SeenLine("", left, top, right, bottom, height, float(one.Confidence(row))))
            if not lines:
                continue
            words.append(SeenWord(one.GetUTF8Text(word).strip(), float(box[0]), float(box[2])))
            lines[-1] = replace(lines[-1], text=" ".join(each.text for each in words), words=tuple(words))
        return [line for line in lines if line.text.strip()]

    def close(self) -> None:
        """Give its memory back."""
        self._api.End()
