"""Numbers as Prometheus reads them."""

from __future__ import annotations

from dl_lit.web.metrics import Metric, Sample, rendered
from dl_lit.web.server import is_private, names_of


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


def test_which_addresses_only_this_machine_can_reach() -> None:
    assert all(map(is_private, ("127.0.0.1", "127.0.0.9", "::1", "localhost")))
    assert not any(map(is_private, ("0.0.0.0", "::", "192.168.1.2", "example.org", "")))
    assert "127.0.0.9" in names_of("127.0.0.9")
