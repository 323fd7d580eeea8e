"""docs/benchmarks.md: what was measured, said in words first, then in tables."""

from collections.abc import Iterable, Iterator
from typing import Any

from bench.prose import HEAD, METHOD
from bench.standing import OURS, READ, Row, Standing, folding, reading, standings, updating, words
from bench.table import duration, megabytes, table, times

Results = dict[str, Any]


def page(results: Results) -> str:
    """The whole document; a section that was not measured is left out."""
    sections = results["sections"]
    parts = [part for name, of in SECTIONS.items() if name in sections for part in of(sections[name])]
    details = apart(sections["solve"]) if "solve" in sections else ""
    return "\n".join([HEAD, machine(results), *parts, METHOD, details]).rstrip() + "\n"


def machine(results: Results) -> str:
    of = results["machine"]
    server = results["sections"].get("solve", {}).get("versions", {}).get("PostgreSQL")
    versions = results["versions"] | ({"PostgreSQL": server} if server else {})
    listed_versions = ", ".join(f"{name} {version}" for name, version in versions.items())
    return (
        f"**Machine.** {of['processor']}; {of['cores']} cores, {of['memory_gib']:g} GiB, {of['system']}. "
        f"**Versions.** {listed_versions}. **Medians of {results['rounds']}**, seed {results['seed']}.\n"
    )


def heading(title: str, section: Results) -> str:
    measured = f"Measured {section['began']}, {section['minutes']:g} minutes; load of the machine before: "
    return "\n".join([f"## {title}\n", f"{measured}{section['load']:g}.\n", *bullets(section.get("notes", ()))])


def bullets(sentences: Iterable[str]) -> list[str]:
    return [*(f"- {sentence}" for sentence in sentences), ""]


def solve(section: Results) -> Iterator[str]:
    cases = standings(section["rows"])
    yield heading("Everybody's score, from own scores and ties", section)
    yield from bullets([*words(cases), *reading(cases)])
    yield "![Seconds against citizens for each peer, few and all radiating](images/benchmarks.svg)\n"
    for title, some in (
        ("Drawn graphs", [c for c in cases if c.is_drawn]),
        ("Real graphs", [c for c in cases if not c.is_drawn]),
    ):
        if some:
            yield f"### {title}\n\nIn brackets: times as long as Sesame.\n"
            yield beside(some) + "\n"
    yield "### PageRank on the same graphs, as a reference for the cost\n\nAnother question; in brackets as above.\n"
    yield references(cases) + "\n"
    yield f"### The floor\n\nCopying large arrays: {section['copy_gb_s']:.1f} GB/s, read and written together.\n"
    yield floors(cases) + "\n"


def beside(some: list[Standing]) -> str:
    names = list(dict.fromkeys(name for one in some for name, row in one.rows.items() if row["same"] and name != OURS))
    head = ["graph", "who", "ties", OURS, *names, "largest difference, points"]
    return table(head, ([*about(one), *cells(one, names), difference(one)] for one in some), words=2)


def about(one: Standing) -> list[str]:
    return [one.name, one.ours["who"], f"{one.ours['ties']:,}", duration(one.ours["seconds"])]


def cells(one: Standing, names: list[str]) -> list[str]:
    rows = [one.rows.get(name) for name in names]
    return [f"{duration(row['seconds'])} ({times(one.ratio(row))})" if row else "" for row in rows]


def difference(one: Standing) -> str:
    return f"{max(row['differ'] for row in one.rows.values() if row['same']):.1g}"


def references(cases: list[Standing]) -> str:
    some = [one for one in cases if any(is_reference(row) for row in one.rows.values())]
    names = list(dict.fromkeys(name for one in some for name, row in one.rows.items() if is_reference(row)))
    off = [[row["differ"] for row in one.rows.values() if is_reference(row)] for one in some]
    head = ["graph", "who", "ties", OURS, *names, "largest difference, share of all rank"]
    rows = ([*about(one), *cells(one, names), f"{max(d):.1g}"] for one, d in zip(some, off, strict=True))
    return table(head, rows, words=2)


def is_reference(row: Row) -> bool:
    return not row["same"] and "differ" in row


def floors(cases: list[Standing]) -> str:
    head = [
        "graph",
        "who",
        "ties",
        OURS,
        READ,
        "reads of plain sweeps",
        f"{OURS} / one read",
        "tie columns",
        "held beside",
    ]
    return table(head, ([*about(one), *floor(one)] for one in cases if one.is_drawn), words=2)


def floor(one: Standing) -> list[str]:
    read = one.rows[READ]
    seconds = [duration(read["seconds"]), duration(one.sweeps_floor()), times(one.ours["seconds"] / read["seconds"])]
    return [*seconds, megabytes(read["columns"]), megabytes(read["held"]) if read["held"] else ""]


def apart(section: Results) -> str:
    """Every figure of every peer, for those who doubt the ones above."""
    head = ["case", "peer", "median", "least", "most", "preparing", "solving", "sweeps", "bound, points", "difference"]
    rows = (figures(row) for row in section["rows"] if "differ" in row)
    return "## Preparing and solving apart\n\n" + table(head, rows, words=2)


def figures(row: Row) -> list[str]:
    bound = "" if row["bound"] is None else f"{row['bound']:.1g}"
    return [
        f"{row['graph']}, {row['citizens']:,}, {row['who']}", row["peer"],
        *(duration(s) for s in (row["seconds"], row["all"][0], row["all"][-1], row["prepare"], row["solve"])),
        str(row["sweeps"] or ""), bound, f"{row['differ']:.1g}",
    ]  # fmt: skip


def fold(section: Results) -> Iterator[str]:
    yield heading(f"Own scores from behaviours, {section['rules']} rules", section)
    yield from bullets(folding(section["rows"]))
    head = ["citizens", "behaviours", "by", "median", "least", "most", "difference, points"]
    rows = ([f"{row['citizens']:,}", f"{row['behaviours']:,}", row["peer"], *taken(row)] for row in section["rows"])
    yield table(head, rows) + "\n"


def taken(row: Row) -> list[str]:
    seconds = (duration(s) for s in (row["seconds"], row["all"][0], row["all"][-1]))
    return [*seconds, f"{row['differ']:.1g}" if "differ" in row else ""]


def update(section: Results) -> Iterator[str]:
    yield heading("A few changes", section)
    yield "Own scores of the changed move by up to 30 points; the difference is from a full solve after all of them.\n"
    yield from bullets(updating(section["rows"]))
    head = ["who", "citizens", "changed", "rows computed, median", "median", "least", "most", "difference, points"]
    rows = ([r["who"], f"{r['citizens']:,}", r["changed"], f"{r['rows']:,}", *taken(r)] for r in section["rows"])
    yield table(head, rows) + "\n"


def rescore(section: Results) -> Iterator[str]:
    yield heading("A full run, from rows to published scores", section)
    if section["rows"]:
        yield table(list(section["rows"][0]), ([str(cell) for cell in row.values()] for row in section["rows"])) + "\n"


SECTIONS = {"solve": solve, "fold": fold, "update": update, "rescore": rescore}
