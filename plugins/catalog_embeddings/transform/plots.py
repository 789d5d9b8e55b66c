"""Small plots as inline SVG: no script, no font, no file beside the page.

Colours come from the page's CSS variables, so that a plot is as light or as dark as its page. Texts are escaped here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH = 640
_ROW = 24
_LABELS = 190
_FIGURES = 120
_LABELLED_BARS = 25


@dataclass(frozen=True, slots=True)
class Whisker:
    """A value with its interval, on a line of its own."""

    label: str
    value: float
    low: float
    high: float


def whiskers(title: str, rows: Sequence[Whisker], *, signed: bool = True) -> str:
    """Values as dots with their intervals as lines, over a common axis that shows 0."""
    least = min(0.0, *(row.low for row in rows))
    most = max(0.0, *(row.high for row in rows))
    left, right = _LABELS, _WIDTH - _FIGURES

    def x(value: float) -> float:
        return left + (value - least) / ((most - least) or 1.0) * (right - left)

    height = _ROW * len(rows)
    shapes = [f'<line class="zero" x1="{x(0):.1f}" y1="0" x2="{x(0):.1f}" y2="{height}"/>']
    for number, row in enumerate(rows):
        y = _ROW * (number + 0.5)
        sure = "sure" if row.low > 0 or row.high < 0 else "unsure"
        figure = f"{row.value:+.3f}" if signed else f"{row.value:.4f}"
        shapes += [
            f'<text x="0" y="{y + 4:.1f}">{escape(row.label)}</text>',
            f'<line class="{sure}" x1="{x(row.low):.1f}" y1="{y:.1f}" x2="{x(row.high):.1f}" y2="{y:.1f}"/>',
            f'<circle class="{sure}" cx="{x(row.value):.1f}" cy="{y:.1f}" r="4"/>',
            f'<text class="figure" x="{_WIDTH}" y="{y + 4:.1f}">{figure}</text>',
        ]
    return _svg(title, height, shapes)


def ordered_bars(title: str, values: Iterable[float], names: Iterable[str]) -> str:
    """Values above and below a common line, from the highest to the lowest; pointing at one says its name."""
    pairs = sorted(zip(values, names, strict=True), reverse=True)
    height = 160
    reach = max(abs(value) for value, _ in pairs) or 1.0
    step = _WIDTH / len(pairs)
    shapes = []
    for number, (value, name) in enumerate(pairs):
        length = abs(value) / reach * (height / 2)
        top = height / 2 - (length if value > 0 else 0)
        shapes.append(
            f'<rect class="{"gain" if value > 0 else "loss"}" x="{number * step:.2f}" y="{top:.2f}" '
            f'width="{max(step - 1, 0.5):.2f}" height="{length:.2f}"><title>{escape(name)}: {value:+.3f}</title></rect>'
        )
    shapes.append(f'<line class="zero" x1="0" y1="{height / 2}" x2="{_WIDTH}" y2="{height / 2}"/>')
    return _svg(title, height, shapes)


def histogram(title: str, counts: Sequence[int]) -> str:
    """How many there are of 0, 1, 2 and so on."""
    height = 140
    step = _WIDTH / len(counts)
    most = max(counts) or 1
    labelled = -(-len(counts) // _LABELLED_BARS)
    shapes = []
    for number, count in enumerate(counts):
        length = count / most * height
        middle = (number + 0.5) * step
        shapes.append(
            f'<rect class="gain" x="{number * step + 1:.2f}" y="{16 + height - length:.2f}" '
            f'width="{max(step - 2, 0.5):.2f}" height="{length:.2f}"/>'
        )
        if number % labelled:
            continue
        shapes += [
            f'<text class="middle" x="{middle:.1f}" y="{12 + height - length:.1f}">{count or ""}</text>',
            f'<text class="middle" x="{middle:.1f}" y="{height + 32}">{number}</text>',
        ]
    return _svg(title, height + 36, shapes)


def _svg(title: str, height: float, shapes: Iterable[str]) -> str:
    name = escape(title, quote=True)
    drawing = f'<svg viewBox="0 0 {_WIDTH} {height:.0f}" role="img" aria-label="{name}">{"".join(shapes)}</svg>'
    return f"<figure><figcaption>{name}</figcaption>{drawing}</figure>"
