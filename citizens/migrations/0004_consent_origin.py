"""How a consent was given becomes a column of its own; before, it stood in the words of the receipt."""

from django.db import migrations, models
from django.db.models import F, Value
from django.db.models.functions import Concat, Left, Substr

IMPORT = "Import of "
PORTAL = "The consents page of the citizen portal"
TOWN = "Invented with the person, by the generator"
LONGEST = 200


def read_receipts(apps, schema_editor):
    """Consents by imports keep the name of the file alone, those of the portal and the town no words."""
    Consent = apps.get_model("citizens", "Consent")
    file_name = Substr("receipt", len(IMPORT) + 1)
    Consent.objects.filter(receipt__startswith=IMPORT).update(origin="import", receipt=file_name)
    Consent.objects.filter(receipt=PORTAL, origin="form").update(origin="portal", receipt="")
    Consent.objects.filter(receipt=TOWN, origin="form").update(origin="town", receipt="")


def write_receipts(apps, schema_editor):
    Consent = apps.get_model("citizens", "Consent")
    words = Left(Concat(Value(IMPORT), F("receipt")), LONGEST)
    Consent.objects.filter(origin="import").update(receipt=words)
    Consent.objects.filter(origin="portal").update(receipt=PORTAL)
    Consent.objects.filter(origin="town").update(receipt=TOWN)


class Migration(migrations.Migration):
    dependencies = [("citizens", "0003_database")]

    operations = [
        migrations.AddField(
            model_name="consent",
            name="origin",
            field=models.CharField(
                choices=[
                    ("portal", "Given by the citizen in the portal"),
                    ("form", "Given on a form outside the portal"),
                    ("import", "Recorded by an import"),
                    ("town", "Invented by the generator"),
                ],
                default="form",
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="consent",
            name="receipt",
            field=models.CharField(
                blank=True, help_text="The name of the form, or of the imported file.", max_length=LONGEST
            ),
        ),
        migrations.RunPython(read_receipts, write_receipts),
    ]
