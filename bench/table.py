"""Tables in Markdown, and numbers as people read them."""

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, words: int = 1) -> str:
    """The first columns, those of `words`, to the left; figures to the right."""
    ruler = ["---"] * words + ["---:"] * (len(head) - words)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, ruler, *rows))


def duration(seconds: float) -> str:
    """Three digits: 812 µs, 1.23 ms, 45.6 s."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{digits(seconds / size)} {unit}"
    return f"{digits(seconds * 1e6)} µs"


def digits(value: float) -> str:
    """Three of them, or all before the point."""
    return f"{value:,.0f}" if value >= 99.95 else f"{value:.3g}" if value >= 9.995 else f"{value:.2f}"


def megabytes(count: float) -> str:
    return f"{digits(count / 1e6)} MB"


def times(ratio: float) -> str:
    return f"{digits(ratio)}×"


def span(values: Sequence[float]) -> str:
    """From the least to the most of them, times."""
    low, high = digits(min(values)), digits(max(values))
    return low if low == high else f"{low} to {high}"


def listed(names: Iterable[str]) -> str:
    """a, b and c."""
    *first, last = list(names) or [""]
    return f"{', '.join(first)} and {last}" if first else last
