"""Whatever a constraint of the database refuses in a form is refused in words, not with the constraint's name."""

from django.apps import apps
from django.db.models import CheckConstraint

APPS = ("citizens", "scoring", "perks", "observatory")


def constraints():
    found = [
        constraint
        for app in APPS
        for model in apps.get_app_config(app).get_models()
        for constraint in model._meta.constraints
    ]
    # For columns that must differ from those of every other row, Django has words of its own.
    return [one for one in found if isinstance(one, CheckConstraint) or one.condition]


def test_every_constraint_refuses_in_a_sentence():
    assert len(constraints()) > 20
    silent = [found.name for found in constraints() if "%(name)s" in str(found.violation_error_message)]
    assert silent == []
    assert [found.name for found in constraints() if not str(found.violation_error_message).endswith(".")] == []
