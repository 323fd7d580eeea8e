"""Columns into tables and back."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from django.db import connection

from sesame_site.kit.database.bulk import copy_in, copy_table, copy_texts, read_columns, timestamps

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def table():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bulk (small smallint, big bigint, points float8, moment timestamptz)")
        yield cursor
        cursor.execute("DROP TABLE bulk")


@pytest.mark.parametrize("rows", [0, 1, 200_000])
def test_there_and_back(table, rows):
    columns = {
        "small": np.arange(rows).astype(np.int16),
        "big": np.arange(rows) * -(2**40),
        "points": np.linspace(-1e300, 1e300, rows),
    }
    copy_in(table, "bulk", columns)
    found = read_columns("SELECT small, big, points FROM bulk ORDER BY big DESC")
    assert all(np.array_equal(found[name], column) for name, column in columns.items())


def test_moments(table):
    noon = dt.datetime(2026, 5, 4, 12, 0, 0, 250_000, tzinfo=dt.UTC)
    copy_in(table, "bulk", {"moment": timestamps(np.array([int(noon.timestamp() * 1_000_000)]))})
    table.execute("SELECT moment FROM bulk")
    assert table.fetchone() == (noon,)


def test_texts_keep_every_character(table):
    table.execute("CREATE TEMP TABLE said (number int, at timestamptz, words text)")
    words = ["plain", "tab\tand\nline\r", "back\\slash", "\\N", "\\.", "", "é “so”"]
    noon = dt.datetime(2026, 5, 4, 12, 0, 0, 250_000, tzinfo=dt.UTC)
    copy_texts(table, "said", {"number": range(len(words)), "at": [noon] * len(words), "words": words})
    table.execute("SELECT words, at FROM said ORDER BY number")
    assert table.fetchall() == [(text, noon) for text in words]


def test_arrow_tables_keep_every_character_and_digit(table):
    table.execute("CREATE TEMP TABLE told (number int8, words text, points float8)")
    words = ["plain", 'quo"te', "tab\tand\nline\r", "back\\slash", "\\N", "\\.", "", "é “so”", "a,b", "NULL"]
    points = [0.1, -1e300, 5e-324, 1 / 3, 0.0, 1e22, 123456789.123456789, -0.5, 2.0, 1e-7]
    rows = pa.table({"number": [-(2**62), *range(1, len(words))], "words": words, "points": points})
    copy_table(table, "told", rows)
    copy_table(table, "told", rows.slice(0, 0))
    table.execute("SELECT number, words, points FROM told ORDER BY number")
    assert table.fetchall() == list(zip(*rows.to_pydict().values(), strict=True))


def test_byte_strings_of_one_length(table):
    """Zeros at their ends are part of them."""
    table.execute("ALTER TABLE bulk ADD COLUMN word bytea")
    copy_in(table, "bulk", {"word": np.array([[1, 0, 2], [3, 4, 0]], np.uint8).view("V3").ravel()})
    table.execute("SELECT word FROM bulk ORDER BY word")
    assert [bytes(word) for (word,) in table.fetchall()] == [b"\x01\x00\x02", b"\x03\x04\x00"]
