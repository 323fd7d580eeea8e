"""What the texts of a file mean, in whole columns as one by one."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citizens.imports import delimited
from citizens.imports.blocks import Columns, Unreadable
from citizens.imports.checking import numbers
from citizens.imports.moments import NEVER, microseconds_of, moment
from citizens.imports.reading import read
from sesame_site.kit.moments import microseconds

ZONES = st.sampled_from(["", "Z", "+00:00", "+02:00", "-0530", "+14", "+23:59"])
FORMS = st.sampled_from(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f", "%Y%m%d"])
TIMES = st.builds(lambda at, form, zone: f"{at:{form}}{zone}", st.datetimes(), FORMS, ZONES)
EDGES = st.sampled_from(
    ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", "0000-01-01T00:00:00Z", "2026-02-29", "2026-01-01T24:00"]
)
SECONDS = st.integers(-(10**12), 10**12).map(str)


@settings(deadline=None)
@given(texts=st.lists(TIMES) | st.lists(TIMES | SECONDS | EDGES | st.text(max_size=12)))
def test_a_column_of_times_is_read_as_each_of_them(texts):
    each = [NEVER if (at := moment(text)) is None else microseconds(at) for text in texts]
    assert microseconds_of(pa.array(texts, pa.string())).tolist() == each


@pytest.mark.parametrize("zone", ["", "Z", "+02:00"])
def test_times_of_one_form_are_not_looked_at_one_by_one(zone, monkeypatch):
    monkeypatch.setattr("citizens.imports.moments.moment", None)
    at = dt.datetime(2026, 1, 1, 2 if zone == "+02:00" else 0, tzinfo=None)  # noqa: DTZ001
    assert microseconds_of(pa.array([f"{at:%Y-%m-%dT%H:%M:%S}{zone}"] * 2)).tolist() == [1_767_225_600_000_000] * 2


AMOUNTS = (
    st.floats().map(repr) | st.integers().map(str) | st.sampled_from(["", "1_0", "+1", ".5", "1.", "1e400", "-INF"])
)


@settings(deadline=None)
@given(texts=st.lists(AMOUNTS) | st.lists(AMOUNTS | st.text(max_size=6)))
def test_a_column_of_numbers_is_read_as_each_of_them(texts):
    values, none = numbers(pa.array(texts, pa.string()))
    for text, value, is_none in zip(texts, values.tolist(), none.tolist(), strict=True):
        try:
            number = float(text or 1)
        except ValueError:
            assert is_none or np.isnan(value)
        else:
            assert not is_none
            assert np.array_equal(number, value, equal_nan=True)


@pytest.mark.parametrize("at_once", [1, 2, 100])
@pytest.mark.parametrize("glue", [",", "\t", ";", "  "])
def test_lines_fall_into_cells_as_they_stand(tmp_path, monkeypatch, glue, at_once):
    monkeypatch.setattr(delimited, "ROWS_AT_ONCE", at_once)
    rows = [
        ["from", "to"],
        ["é", "b "],
        ['"q"' if glue != "  " else "q", "b"],
        ["#3", "b"],
        ["only"],
        ["a", "b", "c"],
    ]
    path = tmp_path / "file.csv"
    path.write_text("\n\r\n".join(glue.join(row) for row in rows))
    columns = Columns(("first", "second"), (), {"first": "from", "second": "to"})
    blocks = list(read(path, columns, progress=lambda _: None))
    assert [line for block in blocks for line in block.lines.tolist()] == [3, 5, 7]
    assert [text for block in blocks for text in block.values["first"].to_pylist()] == ["é", "q", "#3"]
    assert [text for block in blocks for text in block.values["second"].to_pylist()] == ["b", "b", "b"]
    assert [refused for block in blocks for refused in block.refused] == [
        (9, "has 1 columns, 2 are needed"),
        (11, "has 3 columns, the header has 2"),
    ]


@pytest.mark.parametrize("places", [{}, {"first": "1", "second": "2"}])
def test_without_a_header_lines_may_go_on(tmp_path, places):
    path = tmp_path / "file.csv"
    path.write_text("a,b\nc,d,e\n")
    columns = Columns(("first", "second"), (), places, may_lack_header=True)
    (block,) = read(path, columns, progress=lambda _: None)
    assert (block.values["first"].to_pylist(), block.refused) == (["a", "c"], [])


def test_a_time_that_no_calendar_holds_is_refused_in_words(tmp_path):
    path = tmp_path / "file.parquet"
    times = pa.array([400_000_000_000], pa.timestamp("s"))
    pq.write_table(pa.table({"citizen": ["a"], "behaviour": ["b"], "occurred_at": times}), path)
    with pytest.raises(Unreadable, match=r"cannot be read: .*out of range"):
        list(read(path, Columns(("citizen", "behaviour", "occurred_at"), (), {}), progress=lambda _: None))
