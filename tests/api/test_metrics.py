from __future__ import annotations

from api.metrics import Counter, Histogram, Metrics


def test_a_counter_keeps_labels_apart_and_escapes_them() -> None:
    counter = Counter("c_total", "Things.")
    counter.add(kind='a"b')
    counter.add(2, kind="c")
    counter.add(kind="c")
    assert list(counter.lines()) == [
        "# HELP c_total Things.",
        "# TYPE c_total counter",
        'c_total{kind="a\\"b"} 1',
        'c_total{kind="c"} 3',
    ]


def test_a_histogram_counts_up_to_each_bound() -> None:
    histogram = Histogram("h_seconds", "Durations.")
    for value in (0.0005, 0.003, 60.0):
        histogram.observe(value)
    lines = list(histogram.lines())
    assert 'h_seconds_bucket{le="0.0005"} 1' in lines
    assert 'h_seconds_bucket{le="0.005"} 2' in lines
    assert 'h_seconds_bucket{le="+Inf"} 3' in lines
    assert "h_seconds_count 3" in lines


def test_gauges_are_told_with_the_rest() -> None:
    text = Metrics().text({"bluelight_x": ("Words.", 1.5)})
    assert "# TYPE bluelight_x gauge\nbluelight_x 1.5\n" in text
    assert text.endswith("\n")
