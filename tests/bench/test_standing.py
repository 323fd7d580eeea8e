"""What the document says in words: who wins, who loses, and who is wrong."""

from typing import Any

import pytest

from bench.standing import READ, standings, updating, words
from bench.table import duration, listed, table


def rows(ours: float, scipy: float, *, differ: float = 0.0, citizens: int = 200_000) -> list[dict[str, Any]]:
    """One case: ours, one peer, one reference, which is faster than both and must not matter, and one read."""
    about = {"graph": "drawn", "who": "few radiate", "citizens": citizens, "ties": 10 * citizens, "differ": 0.0}
    same = about | {"same": True, "sweeps": 9}
    return [
        same | {"peer": "Sesame", "seconds": ours},
        same | {"peer": "scipy", "seconds": scipy, "differ": differ},
        about | {"peer": "igraph", "seconds": 1e-6, "same": False},
        about | {"peer": READ, "seconds": 1e-3, "same": False},
    ]


def said(*cases: list[dict[str, Any]]) -> str:
    return " ".join(words(standings([row for case in cases for row in case])))


def test_a_loss_is_said_with_the_name_and_by_how_much() -> None:
    assert "the best peer (scipy) takes 0.50 times as long" in said(rows(2.0, 1.0))
    assert "**Sesame is slower** on 200,000 citizens (2.00 times)" in said(rows(2.0, 1.0))


def test_less_than_what_is_aimed_at_is_said() -> None:
    assert "Less than the 4 times it aims at: 200,000 citizens (3.00)" in said(rows(1.0, 3.0))
    assert "Less than" not in said(rows(1.0, 4.5))


def test_small_and_large_populations_are_told_apart() -> None:
    both = said(rows(1.0, 5.0), rows(1.0, 0.5, citizens=50_000))
    assert "from 100,000 citizens up: the best peer (scipy) takes 5.00 times" in both
    assert "smaller drawn graphs: the best peer (scipy) takes 0.50 times" in both


def test_a_peer_with_a_wrong_answer_is_none() -> None:
    wrong = [*rows(1.0, 0.1, differ=0.5), rows(1.0, 6.0)[1] | {"peer": "GraphBLAS"}]
    assert "the best peer (GraphBLAS) takes 6.00 times" in said(wrong)
    assert "**A wrong answer, and so no peer there:** scipy on 200,000 citizens." in said(wrong)


def test_an_update_that_takes_longer_than_solving_anew_is_said_to_be_slower() -> None:
    about = {"who": "all radiate"}
    rows = [about | {"changed": "1", "seconds": 0.5}, about | {"changed": "200", "seconds": 2.0}]
    first, second = updating([*rows, about | {"changed": "everybody", "seconds": 1.0}])
    assert first == "1 changed, where all radiate: solving anew takes 2.00 times as long."
    assert second == "200 changed, where all radiate: **slower**: solving anew takes 0.50 times as long."


@pytest.mark.parametrize(
    ("seconds", "words"), [(12.34, "12.3 s"), (0.99996, "1,000 ms"), (0.00123, "1.23 ms"), (2e-6, "2.00 µs")]
)
def test_seconds_are_said_with_three_digits(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_tables_keep_words_left_and_figures_right() -> None:
    assert table(["who", "what", "how many"], [["a", "b", "3"]], words=2).splitlines()[1] == "| --- | --- | ---: |"


def test_names_are_listed_in_one_sentence() -> None:
    assert [listed(names) for names in ([], ["a"], ["a", "b", "c"])] == ["", "a", "a, b and c"]
