"""Which files of the population belong to the database as it is."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class KeptFiles(models.Model):
    """The folder in which the population was last kept as files: one row.

    A database that was put back to an earlier state has the row of that state, and so does not know later files.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    folder = models.CharField(max_length=32, help_text="A random name.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(id=1),
                name="one_folder_of_kept_files",
                violation_error_message=_("The population is kept in one folder."),
            )
        ]

    def __str__(self) -> str:
        return self.folder
