"""Mail by the backend of the settings, counted."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from prometheus_client import Counter

MAILS = Counter("sesame_mails", "Mails handed to the mail server, by outcome.", ["outcome"])


class CountedMail(BaseEmailBackend):
    """Hands mail to the backend named by the setting MAIL_BACKEND and counts what became of it."""

    def __init__(self, fail_silently: bool = False, **options: Any) -> None:
        super().__init__(fail_silently=fail_silently)
        self._backend = get_connection(settings.MAIL_BACKEND, fail_silently=fail_silently, **options)

    def open(self) -> bool | None:
        return self._backend.open()

    def close(self) -> None:
        self._backend.close()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Number of mails that were taken; what the backend raises is raised."""
        sent = 0
        try:
            sent = self._backend.send_messages(email_messages) or 0
        finally:
            MAILS.labels("sent").inc(sent)
            MAILS.labels("failed").inc(len(email_messages) - sent)
        return sent
