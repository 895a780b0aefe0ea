"""Numbers as Prometheus reads them."""

from __future__ import annotations

from dl_lit.web.metrics import Metric, Sample, document, rendered


def test_help_type_and_samples_in_this_order() -> None:
    metric = Metric("dl_lit_items", "gauge", "Items that wait.", (Sample(3, {"stage": "download"}), Sample(0.5)))
    assert rendered([metric]) == (
        "# HELP dl_lit_items Items that wait.\n# TYPE dl_lit_items gauge\n"
        'dl_lit_items{stage="download"} 3\ndl_lit_items 0.5\n'
    )


def test_labels_are_escaped_and_large_numbers_exact() -> None:
    metric = Metric("x", "counter", "X.", (Sample(1_795_348_800.25, {"reason": 'a"b\\c\nd'}),))
    assert rendered([metric]).splitlines()[2] == 'x{reason="a\\"b\\\\c\\nd"} 1795348800.25'


def test_what_has_no_numbers_is_left_out() -> None:
    assert rendered([Metric("x", "gauge", "X.", ())]) == ""


def test_the_same_as_json() -> None:
    found = document(
        [Metric("x", "gauge", "X.", (Sample(3, {"stage": "download"}, "_sum"),)), Metric("y", "gauge", "", ())]
    )
    samples = [{"value": 3, "labels": {"stage": "download"}, "suffix": "_sum"}]
    assert found["metrics"] == [{"name": "x", "type": "gauge", "help": "X.", "samples": samples}]


def test_a_label_keeps_controls_and_half_pairs_out_of_the_text() -> None:
    text = rendered([Metric("x", "gauge", "x", (Sample(1, {"a": '\x9b2J\ud83d"\n\\'}),))])
    assert text.splitlines()[-1] == r'x{a="\\x9b2J\\ud83d\"\n\\"} 1'
