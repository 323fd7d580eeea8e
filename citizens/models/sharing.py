"""What a citizen let an application read, and since when."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from citizens.models.people import User


class AllowanceQuerySet(models.QuerySet["Allowance"]):
    def standing(self) -> "AllowanceQuerySet":
        """Those that were not taken back."""
        return self.filter(stopped_at__isnull=True)


class Allowance(models.Model):
    """The decision of an account that an application may read; tokens are renewed, this stands until it is stopped."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="allowances")
    application = models.ForeignKey("oauth2_provider.Application", on_delete=models.CASCADE, related_name="+")
    scopes = ArrayField(models.CharField(max_length=64), default=list)
    allowed_at = models.DateTimeField(default=timezone.now)
    stopped_at = models.DateTimeField(null=True, blank=True)

    objects = AllowanceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "application"],
                condition=Q(stopped_at__isnull=True),
                name="one_standing_allowance_per_application",
                violation_error_message=_("This account already allows this application to read."),
            ),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True) | Q(stopped_at__gte=F("allowed_at")),
                name="allowance_is_stopped_after_it_is_given",
                violation_error_message=_("What an application may read cannot be stopped before it was allowed."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} → {self.application}"


class ApplicationScopes(models.Model):
    """What an application may ask for at all, as an administrator allows it. One without a row may ask for nothing."""

    application = models.OneToOneField(
        "oauth2_provider.Application", on_delete=models.CASCADE, related_name="allowed_scopes"
    )
    scopes = ArrayField(models.CharField(max_length=64), default=list, blank=True)

    def __str__(self) -> str:
        return f"{self.application}: {' '.join(self.scopes)}"
