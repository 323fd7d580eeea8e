"""Where this installation finds its files: in a checkout beside the code, from a wheel inside the package."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parent
IS_CHECKOUT = (CHECKOUT / "pyproject.toml").exists()

# What is kept (`var/`, `.env`) stands in the checkout, or in the folder in which an installed Sesame is run.
HOME = CHECKOUT if IS_CHECKOUT else Path.cwd()
TEMPLATES = (CHECKOUT if IS_CHECKOUT else PACKAGE) / "templates"
STATIC = PACKAGE / "static"
PROCFILE = (CHECKOUT if IS_CHECKOUT else PACKAGE / "demo") / "Procfile"
