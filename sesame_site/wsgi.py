"""The WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sesame_site.settings")
os.environ.setdefault("SESAME_PROCESS", "web")

application = get_wsgi_application()
