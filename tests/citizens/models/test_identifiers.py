"""In which form identifiers are compared, and how rows that were there before got theirs."""

from types import SimpleNamespace

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from citizens.models import Behaviour
from citizens.models.identifiers import LONGEST_IDENTIFIER, normal_form
from tests import cast
from tests.migrations import migration


@pytest.mark.parametrize(
    ("identifier", "form"),
    [
        ("INV-2017-001", "inv-2017-001"),
        ("  inv 2017\t001 ", "inv-2017-001"),
        ("inv_2017/001.", "inv-2017-001"),
        ("\N{FULLWIDTH LATIN CAPITAL LETTER I}NV\N{EM DASH}2017\N{NO-BREAK SPACE}001", "inv-2017-001"),
        ("IN\N{SOFT HYPHEN}V 2017 0\N{ZERO WIDTH JOINER}01", "inv-2017-001"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("e\N{COMBINING ACUTE ACCENT}", "é"),
        ("1.10", "1-10"),
        ("110", "110"),
        ("a+b", "a+b"),
        ("---", "---"),
        (" ", " "),
        ("\N{RIAL SIGN}" * LONGEST_IDENTIFIER, "2ad5"),
    ],
)
def test_by_hand(identifier: str, form: str) -> None:
    found = normal_form(identifier)
    assert found == form or (len(identifier) == LONGEST_IDENTIFIER and len(found) == 64)


@given(st.text(min_size=1, max_size=LONGEST_IDENTIFIER))
def test_every_identifier_has_a_form_that_fits_and_stays(identifier: str) -> None:
    form = normal_form(identifier)
    assert 0 < len(form) <= LONGEST_IDENTIFIER
    assert normal_form(form) == form


@given(st.from_regex(r"[a-z0-9]{1,9}(-[a-z0-9]{1,9}){0,3}", fullmatch=True))
def test_what_is_plain_stays_as_it_is(identifier: str) -> None:
    assert normal_form(identifier) == identifier


@pytest.mark.django_db
def test_rows_that_were_there_before_get_their_form_and_none_is_lost():
    alice = cast.alice()
    spelled = ["INV 1", "inv-1", "INV-2", "inv/1"]
    for spelling in spelled:
        cast.observed(alice, cast.bill_paid())
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE citizens_behaviour DISABLE TRIGGER USER")
            Behaviour.objects.filter(external_id__startswith="alice").update(
                external_id=spelling, external_key=spelling
            )
            cursor.execute("ALTER TABLE citizens_behaviour ENABLE TRIGGER USER")
    constraint = "one_behaviour_per_source_and_external_key"
    filling = migration("citizens", "amounts_keys_partners_consents")
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE citizens_behaviour DROP CONSTRAINT {constraint}")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    filling.ROWS_AT_ONCE = 3
    filling.fill_external_keys(None, SimpleNamespace(connection=connection))
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE citizens_behaviour ADD CONSTRAINT {constraint} UNIQUE (source_id, external_key)")
    rows = list(Behaviour.objects.order_by("pk"))
    assert [row.external_id for row in rows] == spelled
    assert [row.external_key for row in rows] == ["inv-1", f"inv-1 {rows[1].pk}", "inv-2", f"inv-1 {rows[3].pk}"]
