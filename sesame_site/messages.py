"""The catalogues of messages: extracted, updated and compiled by Babel (`make messages`), and a check for stale ones.

Babel is needed here alone. What it compiles is kept with the code, so nobody needs it to run Sesame.
"""

import argparse
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from sesame_site import paths

LOCALE = paths.PACKAGE / "locale"
TEMPLATE = LOCALE / "django.pot"
PACKAGES = ("citizens", "observatory", "perks", "scoring", "sesame_site")
KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}


def extracted() -> Any:
    """A catalogue of every message in code and templates, sorted, with the places where it stands."""
    from babel.messages.catalog import Catalog

    catalog = Catalog(project="Sesame", charset="utf-8", fuzzy=False)
    for path in sorted(_sources()):
        place = path.relative_to(paths.CHECKOUT).as_posix()
        for line, message, comments, context in _messages(path):
            catalog.add(message, None, [(place, line)], auto_comments=comments, context=context)
    return catalog


def _sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from (p for p in (paths.CHECKOUT / package).rglob("*.py") if "migrations" not in p.parts)
    yield from paths.TEMPLATES.rglob("*.html")
    yield from paths.TEMPLATES.rglob("*.txt")


def _messages(path: Path) -> Iterator[Any]:
    from babel.messages.extract import extract
    from django.utils.translation.template import templatize

    if path.suffix == ".py":
        return extract("python", BytesIO(path.read_bytes()), KEYWORDS, ("Translators:",))
    # What is left of a template is calls and gaps, which only a lenient reader takes.
    calls = templatize(path.read_text(), origin=str(path))
    return extract("javascript", BytesIO(calls.encode()), KEYWORDS, ("Translators:",))


def write_template(catalog: Any) -> None:
    """Write the catalogue of all messages, which translations start from."""
    from babel.messages.pofile import write_po

    LOCALE.mkdir(exist_ok=True)
    with TEMPLATE.open("wb") as file:
        write_po(file, catalog, width=120, omit_header=True, sort_output=True, include_lineno=False)


def update(catalog: Any, path: Path) -> int:
    """Bring one language up to date and compile it; returns how many messages it lacks."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po, write_po

    with path.open("rb") as file:
        language = read_po(file, locale=path.parents[1].name)
    language.update(catalog, no_fuzzy_matching=True)
    with path.open("wb") as file:
        write_po(file, language, width=120, sort_output=True, include_lineno=False, ignore_obsolete=True)
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, language)
    return sum(1 for message in language if message.id and not all(_texts(message.string)))


def _texts(string: Any) -> tuple[str, ...]:
    return string if isinstance(string, tuple) else (string,)


def missing_messages() -> list[str]:
    """Messages of the code that the kept catalogue lacks, and those it has that nothing says any more."""
    from babel.messages.pofile import read_po

    if not TEMPLATE.exists():
        return [f"{TEMPLATE.name} is not there"]
    with TEMPLATE.open("rb") as file:
        kept = read_po(file)
    now, then = ({(m.context, str(m.id)) for m in catalog if m.id} for catalog in (extracted(), kept))
    return [f"new: {text}" for _, text in sorted(now - then, key=str)] + [
        f"gone: {text}" for _, text in sorted(then - now, key=str)
    ]


def main() -> int:
    """Extract, update and compile; with --check, only say whether that would change anything."""
    parser = argparse.ArgumentParser(prog="make messages", description=main.__doc__)
    parser.add_argument("--check", action="store_true", help="Change nothing; exit 1 if the catalogue is stale.")
    if parser.parse_args().check:
        stale = missing_messages()
        print("\n".join([*stale[:20], "The catalogue is stale: run make messages."]) if stale else "Up to date.")
        return 1 if stale else 0
    catalog = extracted()
    write_template(catalog)
    print(f"{sum(1 for message in catalog if message.id)} messages")
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/django.po")):
        print(f"{path.parents[1].name}: {update(catalog, path)} missing")
    return 0


if __name__ == "__main__":
    sys.exit(main())
