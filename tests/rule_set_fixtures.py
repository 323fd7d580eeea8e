"""Two administrators, a rule set in force, a draft of one of them, and a memory that holds no population."""

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


@pytest.fixture(autouse=True)
def no_rule_set_kept():
    """A test may have a rule set with the number of another test's."""
    from scoring.rules.kept import forget_rule_sets

    forget_rule_sets()


@pytest.fixture
def no_population_held(monkeypatch):
    """The population that previews and what-ifs hold in memory is read anew, as in a process that has just begun."""
    from scoring.lab import population

    for name in ("_snapshot", "_checked_at"):
        monkeypatch.setattr(population, name, None)
    monkeypatch.setattr(population, "_in_force", {})
