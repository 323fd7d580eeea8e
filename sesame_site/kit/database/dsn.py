"""The URI of Django's database, for libraries that open their own connections."""

from urllib.parse import quote, urlencode

from django.db import DEFAULT_DB_ALIAS, connections

from sesame_site.kit.database.limits import KEEPALIVES


def libpq_uri(using: str = DEFAULT_DB_ALIAS) -> str:
    """The libpq URI of a Django database as it is now: in tests, the test database."""
    settings = connections[using].settings_dict
    pairs = {name.lower(): str(settings[name]) for name in ("USER", "PASSWORD", "HOST", "PORT") if settings[name]}
    plain = {
        name: str(value) for name, value in settings["OPTIONS"].items() if name.startswith("ssl") or name in KEEPALIVES
    }
    return f"postgresql:///{quote(str(settings['NAME']), safe='')}?{urlencode(pairs | plain, quote_via=quote)}"
