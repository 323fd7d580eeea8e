"""What a migration does to rows, found by its name, as its number changes where branches meet."""

import importlib
import pkgutil
from types import ModuleType


def migration(app: str, name: str) -> ModuleType:
    """The module of the migration of this name, whatever its number."""
    package = importlib.import_module(f"{app}.migrations")
    found = [info.name for info in pkgutil.iter_modules(package.__path__) if info.name.partition("_")[2] == name]
    return importlib.import_module(f"{app}.migrations.{found[0]}")
