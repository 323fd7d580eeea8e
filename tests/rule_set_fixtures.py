"""Two administrators, a rule set in force, and a draft of one of them."""

# Models are not ready when this file is read, so each fixture imports what needs them.
import pytest


@pytest.fixture
def ada():
    from tests.scoring.rule_book import administrator

    return administrator("ada")


@pytest.fixture
def grace():
    from tests.scoring.rule_book import administrator

    return administrator("grace")


@pytest.fixture
def in_force(ada, grace):
    from tests.scoring.rule_book import published

    return published(author=ada, publisher=grace)


@pytest.fixture
def draft(ada, in_force):
    from scoring.actions.rule_sets import draft_from

    return draft_from(acting_user=ada, rule_set=in_force, name="More drag")
