"""All measured comparisons, written to bench/results.json and docs/benchmarks.md.

python -m bench               everything; progress on standard error
python -m bench --quick       small sizes in under two minutes, written under var/bench/
python -m bench --large       10 million citizens and 100 million directed ties too
python -m bench --only fold   some of it again; the rest of the results stays as it was
"""

import argparse
import json
import os
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from bench import chart
from bench.cases import SEED
from bench.machine import load, machine, moment, versions
from bench.page import page
from bench.progress import say
from bench.table import digits

ROOT = Path(__file__).resolve().parents[1]
SECTIONS = {"solve": "solving", "fold": "folding", "update": "updating", "rescore": "rescoring"}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, written under var/bench/")
    parser.add_argument("--large", action="store_true", help="10 million citizens too")
    parser.add_argument(
        "--only",
        nargs="*",
        choices=SECTIONS,
        default=list(SECTIONS),
        help="some sections, or none: write the document again",
    )
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured (default: 5)")
    options = parser.parse_args()
    results, document = places(options.quick)
    modules = {name: import_module(f"bench.sections.{SECTIONS[name]}") for name in options.only}
    sections = {name: measured(module, options) for name, module in modules.items()}
    # Read only now: another section may have been measured meanwhile.
    written = (json.loads(results.read_text())["sections"] if results.exists() else {}) | sections
    facts = {"machine": machine(), "versions": versions(), "seed": SEED, "rounds": options.rounds}
    write(results, document, facts | {"sections": {name: written[name] for name in SECTIONS if name in written}})


def places(quick: bool) -> tuple[Path, Path]:
    """Where results and document go: a quick look leaves the documents of the project alone."""
    if not quick:
        return ROOT / "bench" / "results.json", ROOT / "docs" / "benchmarks.md"
    folder = Path(os.environ.get("SESAME_VAR", ROOT / "var")) / "bench"
    return folder / "results.json", folder / "benchmarks.md"


def measured(section: Any, options: argparse.Namespace) -> dict[str, Any]:
    before = {"began": moment(), "load": load()}
    began = time.perf_counter()
    rows = section.measured(rounds=options.rounds, quick=options.quick, large=options.large)
    return before | {"minutes": float(digits((time.perf_counter() - began) / 60))} | rows


def write(results: Path, document: Path, everything: dict[str, Any]) -> None:
    picture = document.parent / "images" / "benchmarks.svg"
    picture.parent.mkdir(parents=True, exist_ok=True)
    results.write_text(json.dumps(everything, indent=1, ensure_ascii=False) + "\n")
    document.write_text(page(everything))
    if "solve" in everything["sections"]:
        picture.write_text(chart.drawn(everything["sections"]["solve"]["rows"]))
    say(f"written: {results}, {document}, {picture}")


if __name__ == "__main__":
    main()
