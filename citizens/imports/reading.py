"""Records of a file, whatever its format: edge list, CSV, NDJSON or Parquet, gzip-compressed or not."""

import csv
import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
from django.utils.translation import gettext as _

from citizens.imports import delimited, typed
from citizens.imports.blocks import ROWS_AT_ONCE, Block, Columns, Unreadable


def read(path: Path, columns: Columns, *, progress: Callable[[str], None]) -> Iterator[Block]:
    """Every record in order. Raises Unreadable if the file is missing, empty, damaged or lacks a column."""
    if not path.is_file():
        raise Unreadable(
            _("%(path)s: there is no such file.") % {"path": path}
            if not path.exists()
            else _("%(path)s: this is not a file.") % {"path": path}
        )
    count = 0
    try:
        for block in _reader(path)(path, columns):
            before, count = count, count + len(block.raw)
            if before // ROWS_AT_ONCE < count // ROWS_AT_ONCE:
                progress(_("%(count)s rows read") % {"count": f"{count:,}"})
            yield block
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise Unreadable(
            _("%(path)s: the gzip data are damaged or cut off (%(error)s). Nothing was imported.")
            % {"path": path, "error": error}
        ) from error
    except UnicodeDecodeError as error:
        raise Unreadable(_("%(path)s: this is not UTF-8 text. Nothing was imported.") % {"path": path}) from error
    except (pa.ArrowException, csv.Error, OSError, OverflowError) as error:
        words = str(error).strip().rstrip(".")
        raise Unreadable(
            _("%(path)s: cannot be read: %(words)s. Nothing was imported.") % {"path": path, "words": words}
        ) from error
    if not count:
        raise Unreadable(_("%(path)s: there are no rows in it.") % {"path": path})


def _reader(path: Path) -> Callable[[Path, Columns], Iterator[Block]]:
    kind = next((suffix for suffix in reversed(path.suffixes) if suffix != ".gz"), "")
    return {".parquet": typed.parquet, ".ndjson": typed.ndjson, ".jsonl": typed.ndjson}.get(kind, delimited.text)
