"""Asks the site, in a process with servers of its own: `python -m tests.sesame_site.asking ACCOUNT "GET /path" …`.

Prints a JSON list of [status, type of the answer, Retry-After, seconds].
"""

import json
import sys
import time
from urllib.parse import urlencode

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.test import Client  # noqa: E402

from citizens.models import User  # noqa: E402
from tests.cast import PASSWORD  # noqa: E402

FORM = urlencode({"login": "clerk", "password": PASSWORD, "grant_type": "client_credentials"})


def main(account: str, questions: list[str]) -> None:
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE_NAME] = "somebodys-session"
    if account:
        client.force_login(User.objects.get(username=account))
    answers = []
    for question in questions:
        method, path = question.split()
        began = time.monotonic()
        answer = client.generic(method, path, FORM if method == "POST" else "", "application/x-www-form-urlencoded")
        kind = answer.headers.get("Content-Type", "").split(";")[0]
        answers.append((answer.status_code, kind, answer.headers.get("Retry-After"), time.monotonic() - began))
    print(json.dumps(answers))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
