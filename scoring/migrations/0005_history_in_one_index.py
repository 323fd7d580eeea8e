from django.db import migrations

# A million rows come at once, and each index takes as long again as the rows themselves. So one serves for both: rows
# are told apart by `id`, and looked for by citizen.
ONE_INDEX = """
    ALTER TABLE scoring_scorehistory
        DROP CONSTRAINT scoring_scorehistory_pkey,
        ADD CONSTRAINT scoring_scorehistory_pkey PRIMARY KEY (citizen_id, id)
"""
ITS_OWN_INDEX = """
    ALTER TABLE scoring_scorehistory
        DROP CONSTRAINT scoring_scorehistory_pkey,
        ADD CONSTRAINT scoring_scorehistory_pkey PRIMARY KEY (id)
"""


class Migration(migrations.Migration):

    dependencies = [
        ('scoring', '0004_live_scores'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='scorehistory',
            name='history_by_citizen',
        ),
        migrations.RunSQL(ONE_INDEX, ITS_OWN_INDEX),
    ]
