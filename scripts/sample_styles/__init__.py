"""Samples of the ways of citing that the demo's papers do not show: footnotes, lumps, other alphabets and layouts."""
