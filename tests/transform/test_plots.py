"""Plots as inline SVG: well-formed, to scale, and without anything from outside."""

from xml.etree import ElementTree

import pytest

from catalog_embeddings.transform.plots import Whisker, histogram, ordered_bars, whiskers


def _drawing(plot: str) -> ElementTree.Element:
    figure = ElementTree.fromstring(plot)
    drawing = figure.find("svg")
    assert drawing is not None
    assert figure.findtext("figcaption") == drawing.get("aria-label")
    return drawing


def test_whiskers_are_to_scale_and_say_what_is_sure() -> None:
    rows = [Whisker("better", 0.2, 0.1, 0.3), Whisker("perhaps <b>", 0.0, -0.1, 0.1)]
    plot = _drawing(whiskers("Differences", rows))
    sure, unsure = plot.findall("circle")
    assert (sure.get("class"), unsure.get("class")) == ("sure", "unsure")
    zero, first, second = plot.findall("line")
    assert float(str(unsure.get("cx"))) == pytest.approx(float(str(zero.get("x1"))))
    lengths = [float(str(line.get("x2"))) - float(str(line.get("x1"))) for line in (first, second)]
    assert lengths[0] == pytest.approx(lengths[1], abs=0.2)
    assert [text.text for text in plot.findall("text")] == ["better", "+0.200", "perhaps <b>", "+0.000"]


def test_whiskers_that_are_all_zero_are_drawn() -> None:
    plot = _drawing(whiskers("Nothing", [Whisker("same", 0, 0, 0)]))
    assert plot.get("aria-label") == "Nothing"


def test_bars_go_from_gain_to_loss_with_their_names() -> None:
    plot = _drawing(ordered_bars('"Queries"', [-0.5, 0.25, 0.0], ["lost & found", "won", "same"]))
    bars = plot.findall("rect")
    assert [bar.get("class") for bar in bars] == ["gain", "loss", "loss"]
    assert [bar.findtext("title") for bar in bars] == ["won: +0.250", "same: +0.000", "lost & found: -0.500"]
    assert [float(str(bar.get("height"))) for bar in bars] == [40, 0, 80]


def test_a_histogram_counts_from_nought() -> None:
    plot = _drawing(histogram("Overlap", [0, 4, 2]))
    assert [float(str(bar.get("height"))) for bar in plot.findall("rect")] == [0, 140, 70]
    assert [text.text for text in plot.findall("text")] == [None, "0", "4", "1", "2", "2"]


def test_a_histogram_of_many_bars_labels_some() -> None:
    plot = _drawing(histogram("Overlap", list(range(101))))
    assert len(plot.findall("rect")) == 101
    labels = [text.text for text in plot.findall("text")]
    assert labels[:4] == [None, "0", "5", "5"]
    assert len(labels) == 42
