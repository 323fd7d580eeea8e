import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('citizens', '0002_population'),
        ('pghistory', '0007_auto_20250421_0444'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Dimension',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(max_length=40)),
                ('name', models.CharField(max_length=80)),
                ('room', models.FloatField(help_text='The most that all rules of a dimension together can give to a score or take from it.', verbose_name='Room')),
                ('note', models.CharField(blank=True, help_text='Where the weight comes from.', max_length=200)),
                ('position', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'ordering': ['position', 'key'],
            },
        ),
        migrations.CreateModel(
            name='FollowerPlace',
            fields=[
                ('name', models.CharField(max_length=60, primary_key=True, serialize=False)),
                ('xid', models.BigIntegerField(default=0)),
                ('movement_id', models.BigIntegerField(default=0)),
                ('followed_at', models.DateTimeField(help_text='When it last came further.', null=True)),
                ('error', models.TextField(blank=True, help_text='Why it stands still, while it does.')),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='RuleSet',
            fields=[
                ('id', models.AutoField(primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(unique=True)),
                ('name', models.CharField(max_length=120)),
                ('note', models.TextField(blank=True, help_text='What this version changes, and why.')),
                ('status', models.CharField(choices=[('draft', 'Draft'), ('in_review', 'In review'), ('published', 'Published'), ('retired', 'Retired')], default='draft', max_length=12)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('submitted_at', models.DateTimeField(blank=True, null=True)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
                ('base', models.FloatField(default=550, help_text='The score at which everybody starts.', verbose_name='Base')),
                ('minimum_behaviours', models.PositiveIntegerField(default=1, help_text='Citizens with fewer behaviours than this stay unscored.', verbose_name='Fewest behaviours')),
                ('drag', models.FloatField(default=0.2, help_text="The share of a low scorer's distance below the drag threshold that is taken from those they know.", verbose_name='Drag')),
                ('lift', models.FloatField(default=0.1, help_text="The share of a high scorer's distance above the lift threshold that is given to those they know.", verbose_name='Lift')),
                ('theta_drag', models.FloatField(default=600, help_text='A person with a score below this drags others down.', verbose_name='Drag threshold')),
                ('theta_lift', models.FloatField(default=700, help_text='A person with a score above this lifts others up.', verbose_name='Lift threshold')),
                ('cap', models.FloatField(default=60, help_text='The most that all ties together can give to a score or take from it.', verbose_name='Network cap')),
                ('k0', models.FloatField(default=1.0, help_text='Protects people with few ties. The shield weighs like so many ties to people who neither drag nor lift; 0 protects nobody.', verbose_name='Shield')),
                ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='rule_sets_written', to=settings.AUTH_USER_MODEL)),
                ('based_on', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='drafts', to='scoring.ruleset')),
                ('published_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='rule_sets_published', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-version'],
            },
        ),
        migrations.CreateModel(
            name='Rule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('points', models.FloatField(help_text='What one unit of the behaviour gives, or takes where it is below 0.', verbose_name='Points')),
                ('most', models.FloatField(help_text='The most that this rule alone can give to a score or take from it.', verbose_name='Most')),
                ('half_life_days', models.FloatField(blank=True, help_text='Days until a behaviour counts half as much; empty if it never fades.', null=True, verbose_name='Half-life')),
                ('expiry_days', models.FloatField(blank=True, help_text='Days until a behaviour is forgotten; empty if it never is.', null=True, verbose_name='Expiry')),
                ('behaviour_type', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='citizens.behaviourtype')),
                ('dimension', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='scoring.dimension')),
                ('rule_set', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='scoring.ruleset')),
            ],
            options={
                'ordering': ['behaviour_type__key'],
            },
        ),
        migrations.AddField(
            model_name='dimension',
            name='rule_set',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='dimensions', to='scoring.ruleset'),
        ),
        migrations.CreateModel(
            name='Band',
            fields=[
                ('id', models.AutoField(primary_key=True, serialize=False)),
                ('key', models.SlugField(max_length=40)),
                ('name', models.CharField(max_length=40)),
                ('lower', models.PositiveSmallIntegerField(help_text='The lowest score of the band, which reaches up to the lower edge of the next one.', verbose_name='Lower edge')),
                ('rule_set', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bands', to='scoring.ruleset')),
            ],
            options={
                'ordering': ['lower'],
            },
        ),
        migrations.CreateModel(
            name='RuleSetEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('status', models.CharField(choices=[('draft', 'Draft'), ('in_review', 'In review'), ('published', 'Published'), ('retired', 'Retired')], default='draft', max_length=12)),
                ('name', models.CharField(max_length=120)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='status_name_published_by_published_at_retired_at_events', to='scoring.ruleset')),
                ('published_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Run',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('running', 'Running'), ('published', 'Published'), ('failed', 'Failed')], default='running', max_length=12)),
                ('trigger', models.CharField(choices=[('schedule', 'Schedule'), ('command', 'Command line'), ('console', 'Console'), ('replay', 'Replay of the past')], max_length=12)),
                ('engine', models.CharField(choices=[('local', 'This machine'), ('spark', 'Spark cluster')], default='local', max_length=12)),
                ('as_of', models.DateTimeField(help_text='The moment the scores speak of.')),
                ('requested_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('known_at', models.DateTimeField(blank=True, help_text='It knows the rows that were there at this moment.', null=True)),
                ('live_at', models.DateTimeField(blank=True, help_text='Its scores were last brought up to date with changes at this moment.', null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('is_current', models.BooleanField(default=False, help_text='Its scores are the ones in force.')),
                ('phase', models.CharField(choices=[('waiting', 'Waiting for a worker'), ('snapshot', 'Reading the population'), ('fold', 'Own scores'), ('solve', 'Network effect'), ('publish', 'Publishing'), ('done', 'Done')], default='waiting', max_length=12)),
                ('progress', models.FloatField(default=0, help_text='Share done, 0 to 1.')),
                ('failure', models.CharField(blank=True, choices=[('not_picked_up', 'No worker picked it up'), ('stopped', 'What carried it out stopped'), ('broke_off', 'It met an error')], help_text='Why it failed.', max_length=16)),
                ('failure_detail', models.TextField(blank=True, help_text='What the error said, for those who look after Sesame.')),
                ('citizens', models.PositiveIntegerField(default=0)),
                ('scored', models.PositiveIntegerField(default=0)),
                ('behaviours', models.PositiveBigIntegerField(default=0)),
                ('ties', models.PositiveBigIntegerField(default=0)),
                ('pushes', models.PositiveBigIntegerField(default=0)),
                ('changed', models.PositiveIntegerField(default=0, help_text='Citizens whose published number changed.')),
                ('error_bound', models.FloatField(blank=True, help_text='Certified, in points.', null=True)),
                ('seconds', models.JSONField(blank=True, default=dict, help_text='Seconds per phase.')),
                ('requested_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('rule_set', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='scoring.ruleset')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='MovementCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('movements', models.PositiveIntegerField()),
                ('up', models.PositiveIntegerField()),
                ('down', models.PositiveIntegerField()),
                ('band', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='scoring.band')),
                ('band_before', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='scoring.band')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='movement_counts', to='scoring.run')),
            ],
            options={
                'ordering': ['run', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Movement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('as_of', models.DateTimeField()),
                ('before', models.SmallIntegerField(help_text='The number before; empty: was not scored.', null=True)),
                ('published', models.SmallIntegerField(help_text='Empty: no longer scored.', null=True)),
                ('own', models.FloatField(null=True)),
                ('network', models.FloatField(null=True)),
                ('xid', models.BigIntegerField(db_default=django.db.models.functions.comparison.Cast(django.db.models.functions.comparison.Cast(models.Func(function='pg_current_xact_id'), models.TextField()), models.BigIntegerField()), editable=False)),
                ('band', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='scoring.band')),
                ('band_before', models.ForeignKey(db_constraint=False, db_index=False, help_text='By the rule set that was in force then.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='scoring.band')),
                ('citizen', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='movements', to='citizens.citizen')),
                ('rule_set', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='scoring.ruleset')),
                ('run', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='scoring.run')),
            ],
            options={
                'ordering': ['as_of'],
            },
        ),
        migrations.CreateModel(
            name='Score',
            fields=[
                ('pk', models.CompositePrimaryKey('run_id', 'citizen_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('own', models.FloatField()),
                ('drag', models.FloatField(help_text='What ties take; 0 or less.')),
                ('lift', models.FloatField(help_text='What ties give; 0 or more.')),
                ('network', models.FloatField(help_text='Drag and lift together, after the cap.')),
                ('value', models.FloatField(help_text='Own score and network effect together, kept within 350 to 950.')),
                ('published', models.SmallIntegerField(help_text='The value, rounded half up.')),
                ('known_at', models.DateTimeField(help_text="When a live update last took this citizen's own rows into account; empty: the run did.", null=True)),
                ('citizen', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='scores', to='citizens.citizen')),
                ('run', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='scores', to='scoring.run')),
            ],
        ),
        migrations.CreateModel(
            name='Segment',
            fields=[
                ('xid', models.BigIntegerField(primary_key=True, serialize=False)),
                ('first_id', models.BigIntegerField()),
                ('last_id', models.BigIntegerField()),
                ('movements', models.PositiveIntegerField()),
                ('written_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('run', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='scoring.run')),
            ],
            options={
                'ordering': ['xid'],
            },
        ),
        migrations.CreateModel(
            name='TieWeight',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('partner', 'Partner'), ('parent', 'Parent'), ('child', 'Child'), ('sibling', 'Sibling'), ('friend', 'Friend'), ('colleague', 'Colleague'), ('neighbour', 'Neighbour')], help_text='What the other person is to me.', max_length=12)),
                ('weight', models.FloatField(default=1.0, help_text='How much such a person counts for the citizen; 0 means not at all.', verbose_name='Weight of a tie')),
                ('rule_set', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tie_weights', to='scoring.ruleset')),
            ],
            options={
                'ordering': ['role'],
            },
        ),
        migrations.CreateModel(
            name='Contest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('statement', models.TextField(max_length=2000)),
                ('status', models.CharField(choices=[('open', 'Open'), ('upheld', 'Upheld'), ('rejected', 'Rejected')], default='open', max_length=12)),
                ('opened_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.TextField(blank=True, max_length=2000)),
                ('behaviour', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contests', to='citizens.behaviour')),
                ('citizen', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contests', to='citizens.citizen')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-opened_at'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('behaviour',), name='one_open_contest_per_behaviour', violation_error_message='There is an open objection to this behaviour already.'), models.CheckConstraint(condition=models.Q(('status', 'open'), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='a_decision_names_its_judge_and_reason', violation_error_message='A decision needs a judge, a date and a reason.')],
            },
        ),
        migrations.AddConstraint(
            model_name='ruleset',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'published')), fields=('status',), name='one_published_rule_set', violation_error_message='Another rule set is published already.'),
        ),
        migrations.AddConstraint(
            model_name='ruleset',
            constraint=models.CheckConstraint(condition=models.Q(('base__gte', 350), ('base__lte', 950)), name='rule_set_base_in_range', violation_error_message='“Base” must be from 350 to 950.'),
        ),
        migrations.AddConstraint(
            model_name='ruleset',
            constraint=models.CheckConstraint(condition=models.Q(('minimum_behaviours__gte', 0), ('minimum_behaviours__lte', 1000000)), name='rule_set_minimum_behaviours_in_range', violation_error_message='“Fewest behaviours” must be from 0 to 1,000,000.'),
        ),
        migrations.AddConstraint(
            model_name='ruleset',
            constraint=models.CheckConstraint(condition=models.Q(('drag__gte', 0), ('drag__lt', 1)), name='rule_set_drag_in_range', violation_error_message='“Drag” must be 0 or more and less than 1: at 1 scores could feed on each other without end.'),
        ),
        migrations.AddConstraint(
            model_name='ruleset',
            constraint=models.CheckConstraint(condition=models.Q(('lift__gte', 0), ('lift__lt', 1)), name='rule_set_lift_in_range', violation_error_message='“Lift” must be 0 or more and less than 1: at 1 scores could feed on each other without end.'),
        ),
        migrations.AddConstraint(
            model_name='ruleset',
            constraint=models.CheckConstraint(condition=models.Q(('theta_drag__gte', 0), ('theta_drag__lte', 950)), name='rule_set_theta_drag_in_range', violation_error_message='“Drag threshold” must be from 0 to 950.'),
        ),
        migrations.AddConstraint(
            model_name='ruleset',
            constraint=models.CheckConstraint(condition=models.Q(('theta_lift__gte', 350), ('theta_lift__lte', 10000)), name='rule_set_theta_lift_in_range', violation_error_message='“Lift threshold” must be from 350 to 10,000.'),
        ),
        migrations.AddConstraint(
            model_name='ruleset',
            constraint=models.CheckConstraint(condition=models.Q(('cap__gte', 0), ('cap__lte', 600)), name='rule_set_cap_in_range', violation_error_message='“Network cap” must be from 0 to 600.'),
        ),
        migrations.AddConstraint(
            model_name='ruleset',
            constraint=models.CheckConstraint(condition=models.Q(('k0__gte', 0), ('k0__lte', 1000000)), name='rule_set_k0_in_range', violation_error_message='“Shield” must be from 0 to 1,000,000.'),
        ),
        migrations.AddConstraint(
            model_name='ruleset',
            constraint=models.CheckConstraint(condition=models.Q(('theta_drag__lte', models.F('theta_lift'))), name='drag_threshold_not_above_lift', violation_error_message='The drag threshold is above the lift threshold: one person would drag and lift at the same time.'),
        ),
        migrations.AddConstraint(
            model_name='ruleset',
            constraint=models.CheckConstraint(condition=models.Q(('published_by__isnull', True), ('author__isnull', True), models.Q(('published_by', models.F('author')), _negated=True), _connector='OR'), name='published_with_four_eyes', violation_error_message='The author of a rule set cannot publish it.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ruleset',
            trigger=pgtrigger.compiler.Trigger(name='rule_set_leaves_draft_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."author_id" IS DISTINCT FROM (NEW."author_id") OR OLD."base" IS DISTINCT FROM (NEW."base") OR OLD."based_on_id" IS DISTINCT FROM (NEW."based_on_id") OR OLD."cap" IS DISTINCT FROM (NEW."cap") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."drag" IS DISTINCT FROM (NEW."drag") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."k0" IS DISTINCT FROM (NEW."k0") OR OLD."lift" IS DISTINCT FROM (NEW."lift") OR OLD."minimum_behaviours" IS DISTINCT FROM (NEW."minimum_behaviours") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."note" IS DISTINCT FROM (NEW."note") OR OLD."theta_drag" IS DISTINCT FROM (NEW."theta_drag") OR OLD."theta_lift" IS DISTINCT FROM (NEW."theta_lift") OR OLD."version" IS DISTINCT FROM (NEW."version"))', func="\n                    IF OLD.status <> 'draft' THEN\n                        RAISE EXCEPTION 'A rule set can be changed only while it is a draft.' USING ERRCODE = '23514';\n                    END IF;\n                    RETURN NEW;\n                ", hash='576028a01b4e6cc570372d5e569529e98a9bbbf7', operation='UPDATE', pgid='pgtrigger_rule_set_leaves_draft_once_28241', table='scoring_ruleset', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ruleset',
            trigger=pgtrigger.compiler.Trigger(name='rule_set_moves_forward', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.status <> NEW.status)', func="\n                    IF (OLD.status, NEW.status) NOT IN (('draft', 'in_review'), ('in_review', 'draft'),\n                            ('in_review', 'published'), ('published', 'retired')) THEN\n                        RAISE EXCEPTION 'A rule set cannot go from % to %.', OLD.status, NEW.status\n                            USING ERRCODE = '23514';\n                    END IF;\n                    IF NEW.status = 'in_review' AND (\n                        SELECT min(lower) IS DISTINCT FROM 350 FROM scoring_band WHERE rule_set_id = NEW.id) THEN\n                        RAISE EXCEPTION 'The bands leave a gap: the lowest must start at 350.'\n                            USING ERRCODE = '23514';\n                    END IF;\n                    RETURN NEW;\n                ", hash='e6abb7ebfff32b4f15aceded5ec15e2036533143', operation='UPDATE', pgid='pgtrigger_rule_set_moves_forward_516fc', table='scoring_ruleset', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ruleset',
            trigger=pgtrigger.compiler.Trigger(name='rule_sets_are_kept', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."status" IN (\'published\', \'retired\'))', func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='11b4caedf49935273381a9356e005f9e569b5289', operation='DELETE', pgid='pgtrigger_rule_sets_are_kept_3cadf', table='scoring_ruleset', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ruleset',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "scoring_rulesetevent" ("name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "published_by_id", "retired_at", "status") VALUES (NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."published_at", NEW."published_by_id", NEW."retired_at", NEW."status"); RETURN NULL;', hash='129471e1959949e0e80f290f4f648fb3b41b8688', operation='INSERT', pgid='pgtrigger_insert_insert_8d581', table='scoring_ruleset', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ruleset',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."published_at" IS DISTINCT FROM (NEW."published_at") OR OLD."published_by_id" IS DISTINCT FROM (NEW."published_by_id") OR OLD."retired_at" IS DISTINCT FROM (NEW."retired_at") OR OLD."status" IS DISTINCT FROM (NEW."status"))', func='INSERT INTO "scoring_rulesetevent" ("name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "published_at", "published_by_id", "retired_at", "status") VALUES (NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."published_at", NEW."published_by_id", NEW."retired_at", NEW."status"); RETURN NULL;', hash='c16da659935390214fb4836fe2398978bc1991fb', operation='UPDATE', pgid='pgtrigger_update_update_f191f', table='scoring_ruleset', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='rule',
            constraint=models.UniqueConstraint(fields=('rule_set', 'behaviour_type'), name='one_rule_per_behaviour_type'),
        ),
        migrations.AddConstraint(
            model_name='rule',
            constraint=models.CheckConstraint(condition=models.Q(('points__gte', -1000000), ('points__lte', 1000000)), name='rule_points_in_range', violation_error_message='“Points” must be from −1,000,000 to 1,000,000.'),
        ),
        migrations.AddConstraint(
            model_name='rule',
            constraint=models.CheckConstraint(condition=models.Q(('most__gte', 0), ('most__lte', 600)), name='rule_most_in_range', violation_error_message='“Most” must be from 0 to 600.'),
        ),
        migrations.AddConstraint(
            model_name='rule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('half_life_days__gte', 0.01), ('half_life_days__lte', 36525)), ('half_life_days__isnull', True), _connector='OR'), name='rule_half_life_days_in_range', violation_error_message='“Half-life” must be from 0.01 to 36,525 days (100 years).'),
        ),
        migrations.AddConstraint(
            model_name='rule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('expiry_days__gte', 0.01), ('expiry_days__lte', 36525)), ('expiry_days__isnull', True), _connector='OR'), name='rule_expiry_days_in_range', violation_error_message='“Expiry” must be from 0.01 to 36,525 days (100 years).'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rule',
            trigger=pgtrigger.compiler.Trigger(name='rule_only_in_a_draft', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE part RECORD;', func="\n            IF TG_OP = 'DELETE' THEN part := OLD; ELSE part := NEW; END IF;\n            IF EXISTS (SELECT 1 FROM scoring_ruleset WHERE id = part.rule_set_id AND status <> 'draft') THEN\n                RAISE EXCEPTION 'A rule set can be changed only while it is a draft.' USING ERRCODE = '23514';\n            END IF;\n            RETURN part;\n        ", hash='dda428a00d4793fff62becd0ab1e8fa8c6de8789', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_rule_only_in_a_draft_db797', table='scoring_rule', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rule',
            trigger=pgtrigger.compiler.Trigger(name='rule_in_a_dimension_of_its_set', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NOT EXISTS (SELECT 1 FROM scoring_dimension\n                                   WHERE id = NEW.dimension_id AND rule_set_id = NEW.rule_set_id) THEN\n                        RAISE EXCEPTION 'The dimension belongs to another rule set.' USING ERRCODE = '23514';\n                    END IF;\n                    RETURN NEW;\n                ", hash='1bdf81c189c0595f99ad531d41aadf322722fa85', operation='INSERT OR UPDATE', pgid='pgtrigger_rule_in_a_dimension_of_its_set_a5892', table='scoring_rule', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='dimension',
            constraint=models.UniqueConstraint(fields=('rule_set', 'key'), name='one_dimension_per_key'),
        ),
        migrations.AddConstraint(
            model_name='dimension',
            constraint=models.CheckConstraint(condition=models.Q(('room__gte', 0), ('room__lte', 600)), name='dimension_room_in_range', violation_error_message='“Room” must be from 0 to 600.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='dimension',
            trigger=pgtrigger.compiler.Trigger(name='dimension_only_in_a_draft', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE part RECORD;', func="\n            IF TG_OP = 'DELETE' THEN part := OLD; ELSE part := NEW; END IF;\n            IF EXISTS (SELECT 1 FROM scoring_ruleset WHERE id = part.rule_set_id AND status <> 'draft') THEN\n                RAISE EXCEPTION 'A rule set can be changed only while it is a draft.' USING ERRCODE = '23514';\n            END IF;\n            RETURN part;\n        ", hash='bd3166b1a7021119f87089f2aed303d80f80e8e7', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_dimension_only_in_a_draft_539ee', table='scoring_dimension', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='band',
            constraint=models.UniqueConstraint(fields=('rule_set', 'key'), name='one_band_per_key'),
        ),
        migrations.AddConstraint(
            model_name='band',
            constraint=models.UniqueConstraint(fields=('rule_set', 'lower'), name='bands_do_not_overlap'),
        ),
        migrations.AddConstraint(
            model_name='band',
            constraint=models.CheckConstraint(condition=models.Q(('lower__gte', 350), ('lower__lte', 950)), name='band_lower_in_range', violation_error_message='“Lower edge” must be from 350 to 950.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='band',
            trigger=pgtrigger.compiler.Trigger(name='band_only_in_a_draft', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE part RECORD;', func="\n            IF TG_OP = 'DELETE' THEN part := OLD; ELSE part := NEW; END IF;\n            IF EXISTS (SELECT 1 FROM scoring_ruleset WHERE id = part.rule_set_id AND status <> 'draft') THEN\n                RAISE EXCEPTION 'A rule set can be changed only while it is a draft.' USING ERRCODE = '23514';\n            END IF;\n            RETURN part;\n        ", hash='b023527ecd1a605c57b9217953a520f68f55a630', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_band_only_in_a_draft_ae035', table='scoring_band', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'running')), fields=('status',), name='one_run_at_a_time', violation_error_message='Another run is under way.'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.UniqueConstraint(condition=models.Q(('is_current', True)), fields=('is_current',), name='one_current_run', violation_error_message='Another run is in force.'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Q(('is_current', False), ('status', 'published'), _connector='OR'), name='only_a_published_run_is_current', violation_error_message='Only a published run can be in force.'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Q(('failure', ''), ('status', 'failed'), _connector='XOR'), name='a_run_that_failed_says_why', violation_error_message='A run that failed says why, and no other does.'),
        ),
        migrations.AddConstraint(
            model_name='movementcount',
            constraint=models.UniqueConstraint(fields=('run', 'band_before', 'band'), name='one_count_per_run_and_bands', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='movementcount',
            constraint=models.CheckConstraint(condition=models.Q(('movements__gte', django.db.models.expressions.CombinedExpression(models.F('up'), '+', models.F('down')))), name='counts_add_up', violation_error_message='No more can have moved up and down than have moved.'),
        ),
        migrations.AddConstraint(
            model_name='score',
            constraint=models.CheckConstraint(condition=models.Q(('published__gte', 350), ('published__lte', 950)), name='published_score_in_range', violation_error_message='A published score must be from 350 to 950.'),
        ),
        migrations.AddConstraint(
            model_name='segment',
            constraint=models.CheckConstraint(condition=models.Q(('first_id__lte', models.F('last_id'))), name='segment_ids_in_order', violation_error_message='The last movement cannot come before the first.'),
        ),
        migrations.AddConstraint(
            model_name='segment',
            constraint=models.CheckConstraint(condition=models.Q(('movements__gt', 0)), name='segment_is_not_empty', violation_error_message='There is a segment only where there are movements.'),
        ),
        migrations.AddConstraint(
            model_name='tieweight',
            constraint=models.UniqueConstraint(fields=('rule_set', 'role'), name='one_weight_per_role'),
        ),
        migrations.AddConstraint(
            model_name='tieweight',
            constraint=models.CheckConstraint(condition=models.Q(('weight__gte', 0), ('weight__lte', 1000)), name='tie_weight_weight_in_range', violation_error_message='“Weight of a tie” must be from 0 to 1,000.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='tieweight',
            trigger=pgtrigger.compiler.Trigger(name='tie_weight_only_in_a_draft', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE part RECORD;', func="\n            IF TG_OP = 'DELETE' THEN part := OLD; ELSE part := NEW; END IF;\n            IF EXISTS (SELECT 1 FROM scoring_ruleset WHERE id = part.rule_set_id AND status <> 'draft') THEN\n                RAISE EXCEPTION 'A rule set can be changed only while it is a draft.' USING ERRCODE = '23514';\n            END IF;\n            RETURN part;\n        ", hash='a43d2e06d5d514b685b6b955f07faae4476656e0', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_tie_weight_only_in_a_draft_f4903', table='scoring_tieweight', when='BEFORE')),
        ),
    ]
