"""One way to read a page: what a person sees on it."""

from bs4 import BeautifulSoup, Tag
from django.http import HttpResponse


def soup(response: HttpResponse) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def text(page: HttpResponse | Tag) -> str:
    """The words of an answer, or of a part of a page, with white space collapsed as a browser shows it."""
    part = page if isinstance(page, Tag) else soup(page)
    return " ".join(part.get_text(" ", strip=True).split())


def facts(page: HttpResponse | Tag, where: str = "dl") -> dict[str, str]:
    """The lists of facts of a page: what each says of what."""
    part = page if isinstance(page, Tag) else soup(page)
    return {text(group.dt): text(group.dd) for group in part.select(f"{where} div")}


def table(page: Tag, label: str) -> dict[str, list[str]]:
    """The rows of the table with this label: the cells beside the head of each."""
    rows = page.select_one(f".table-wrap[aria-label='{label}']").select("tbody tr")
    return {text(row.th): [text(cell) for cell in row.select("td")] for row in rows}


def seen_on(response: HttpResponse) -> str:
    """The signed note of what the page showed, which its form sends along."""
    return str(soup(response).find("input", attrs={"name": "seen"})["value"])
