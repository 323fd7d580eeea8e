"""Sesame's command line: `sesame COMMAND` or `python -m sesame_site COMMAND`, and `manage.py COMMAND` in a checkout."""

import os
import sys


def main() -> None:
    """Run the command named on the command line; settings that do not work end it with exit code 2."""
    if sys.argv[1:2] == ["demo"]:
        from sesame_site.demo.__main__ import main as demo  # loads no Django

        sys.exit(demo(sys.argv[2:]))
    if sys.argv[1:2] == ["web"]:
        from sesame_site.web.__main__ import main as web  # loads no Django either

        sys.exit(web(sys.argv[2:]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sesame_site.settings")
    from django.core.exceptions import ImproperlyConfigured

    from sesame_site.kit.cli import CommandLine
    from sesame_site.services import ServiceError

    try:
        CommandLine(sys.argv).execute()
    except (ServiceError, ImproperlyConfigured) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
