from django.db import migrations

from scoring.rules.open_sesame_2017 import RULES


def fill(apps, schema_editor):
    """Gives the installed behaviour types their plausible most, where an administrator has given them none."""
    types = apps.get_model("citizens", "BehaviourType").objects.filter(plausible_most=None)
    for rule in RULES:
        types.filter(key=rule.key).update(plausible_most=rule.plausible_most)


class Migration(migrations.Migration):

    dependencies = [
        ('citizens', '0007_amounts_keys_partners_consents'),
        ("scoring", "0005_few_ties_and_their_wait"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
