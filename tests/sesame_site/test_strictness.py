"""The ground that tests stand on is as strict as it says."""

from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Engine, Origin, Template

from sesame_site import paths


def drawn(words: str, folder: Path) -> str:
    origin = Origin(name=str(folder / "page.html"), template_name="page.html")
    engine = Engine(string_if_invalid=settings.TEMPLATES[0]["OPTIONS"]["string_if_invalid"])
    return Template(words, origin=origin, engine=engine).render(Context({"known": "this"}))


def test_an_undefined_variable_in_a_page_of_ours_fails() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"unknown in .*page\.html"):
        drawn("{{ known }} {{ unknown }}", paths.TEMPLATES)


def test_pages_of_libraries_are_their_own_business(tmp_path: Path) -> None:
    assert drawn("{{ known }} {{ unknown }}", tmp_path) == "this "
