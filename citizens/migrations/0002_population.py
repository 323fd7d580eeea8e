import django.contrib.auth.models
import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('citizens', '0001_initial'),
        ('pghistory', '0007_auto_20250421_0444'),
        migrations.swappable_dependency(settings.OAUTH2_PROVIDER_APPLICATION_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditSeal',
            fields=[
                ('position', models.BigIntegerField(help_text='From 1, without a gap.', primary_key=True, serialize=False)),
                ('entry_id', models.BigIntegerField(unique=True)),
                ('entry_xid', models.BigIntegerField()),
                ('hash', models.CharField(max_length=64)),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='Behaviour',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(help_text="The source's own identifier of this event.", max_length=128)),
                ('occurred_at', models.DateTimeField()),
                ('amount', models.FloatField(default=1.0)),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('retracted_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='BehaviourType',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(max_length=64, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('context', models.CharField(choices=[('finance', 'Finance'), ('shopping', 'Shopping'), ('online', 'Online'), ('social', 'Social'), ('family', 'Family'), ('civic', 'Civic'), ('travel', 'Travel'), ('housing', 'Housing'), ('work', 'Work'), ('identity', 'Identity')], max_length=12)),
                ('description', models.TextField(blank=True)),
                ('unit', models.CharField(default='time', help_text='What an amount of 1 means.', max_length=40)),
                ('amounts_below_zero', models.BooleanField(default=False, help_text='Whether they make sense, as in a rating. Where not, new ones are refused.', verbose_name='amounts below 0')),
            ],
            options={
                'ordering': ['key'],
            },
        ),
        migrations.CreateModel(
            name='BehaviourTypeEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('key', models.SlugField(db_index=False, max_length=64)),
                ('name', models.CharField(max_length=120)),
                ('context', models.CharField(choices=[('finance', 'Finance'), ('shopping', 'Shopping'), ('online', 'Online'), ('social', 'Social'), ('family', 'Family'), ('civic', 'Civic'), ('travel', 'Travel'), ('housing', 'Housing'), ('work', 'Work'), ('identity', 'Identity')], max_length=12)),
                ('description', models.TextField(blank=True)),
                ('unit', models.CharField(default='time', help_text='What an amount of 1 means.', max_length=40)),
                ('amounts_below_zero', models.BooleanField(default=False, help_text='Whether they make sense, as in a rating. Where not, new ones are refused.', verbose_name='amounts below 0')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('behaviour', 'Behaviour'), ('tie', 'Tie'), ('consent', 'Consent'), ('citizen', 'Citizen'), ('deletion', 'Deletion of a citizen'), ('import', 'Import of many rows')], max_length=12)),
                ('subject_id', models.BigIntegerField(help_text='The row that changed; empty for an import of many.', null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('applied_at', models.DateTimeField(null=True)),
                ('xid', models.BigIntegerField(db_default=django.db.models.functions.comparison.Cast(django.db.models.functions.comparison.Cast(models.Func(function='pg_current_xact_id'), models.TextField()), models.BigIntegerField()), editable=False)),
            ],
        ),
        migrations.CreateModel(
            name='Citizen',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(help_text='The identifier that sources and importers use.', max_length=64, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('is_synthetic', models.BooleanField(default=False, help_text='Invented by the generator; no real person.')),
                ('joined_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('left_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='CitizenEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('name', models.CharField(max_length=120)),
                ('left_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('granted_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('receipt', models.CharField(help_text='How consent was given: the form, or the import.', max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name='Source',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(max_length=64, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('description', models.TextField(blank=True)),
                ('contexts', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('finance', 'Finance'), ('shopping', 'Shopping'), ('online', 'Online'), ('social', 'Social'), ('family', 'Family'), ('civic', 'Civic'), ('travel', 'Travel'), ('housing', 'Housing'), ('work', 'Work'), ('identity', 'Identity')], max_length=12), blank=True, default=list, help_text='What it may speak of; with none, of anything. New behaviours of others are refused.', size=None)),
                ('is_synthetic', models.BooleanField(default=False)),
            ],
            options={
                'ordering': ['key'],
            },
        ),
        migrations.CreateModel(
            name='SourceEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('key', models.SlugField(db_index=False, max_length=64)),
                ('name', models.CharField(max_length=120)),
                ('description', models.TextField(blank=True)),
                ('contexts', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('finance', 'Finance'), ('shopping', 'Shopping'), ('online', 'Online'), ('social', 'Social'), ('family', 'Family'), ('civic', 'Civic'), ('travel', 'Travel'), ('housing', 'Housing'), ('work', 'Work'), ('identity', 'Identity')], max_length=12), blank=True, default=list, help_text='What it may speak of; with none, of anything. New behaviours of others are refused.', size=None)),
                ('is_synthetic', models.BooleanField(default=False)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Tie',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('partner', 'Partner'), ('parent', 'Parent'), ('child', 'Child'), ('sibling', 'Sibling'), ('friend', 'Friend'), ('colleague', 'Colleague'), ('neighbour', 'Neighbour')], max_length=12)),
                ('strength', models.FloatField(default=1.0, help_text='More than 0, at most 1.', validators=[django.core.validators.MaxValueValidator(1.0)])),
                ('proposed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('started_at', models.DateTimeField(blank=True, help_text='When the other side confirmed.', null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Allowance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=64), default=list, size=None)),
                ('allowed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('stopped_at', models.DateTimeField(blank=True, null=True)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='allowances', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('action', models.CharField(choices=[('citizen.joined', 'Added the citizen'), ('citizen.left', "Ended the citizen's membership"), ('citizen.forgotten', 'Deleted the citizen and all that was known of them'), ('citizen.score_viewed', "Looked at the citizen's score"), ('account.linked', 'Linked an account to the citizen'), ('account.unlinked', 'Unlinked the account of the citizen'), ('account.roles_assigned', 'Assigned roles to the account'), ('account.password_set', 'Set the password of the account'), ('tie.proposed', 'Proposed the tie'), ('tie.confirmed', 'Confirmed the tie'), ('tie.declined', 'Closed the proposal of a tie'), ('tie.ended', 'Ended the tie'), ('tie.imported', 'Imported ties'), ('consent.granted', 'Gave consent to a source'), ('consent.withdrawn', 'Withdrew consent from a source'), ('behaviour.furnished', 'Furnished behaviours'), ('behaviour.imported', 'Imported behaviours'), ('behaviour.retracted', 'Retracted the behaviour'), ('sharing.allowed', 'Let the application read'), ('sharing.stopped', 'Stopped the application from reading'), ('rule_set.drafted', 'Started the draft'), ('rule_set.edited', 'Edited the draft'), ('rule_set.submitted', 'Submitted the draft for review'), ('rule_set.sent_back', 'Sent the rule set back to its author'), ('rule_set.published', 'Published the rule set'), ('rule_set.retired', 'Retired the rule set by publishing another'), ('rule_set.discarded', 'Discarded the draft'), ('run.started', 'Started the run'), ('run.failed', 'Gave the run up'), ('contest.opened', 'Objected to a behaviour'), ('contest.upheld', 'Upheld the contest'), ('contest.rejected', 'Rejected the contest'), ('entitlement.threshold_moved', 'Moved the threshold'), ('record.added', 'Added the raw record'), ('record.changed', 'Changed the raw record'), ('record.deleted', 'Deleted the raw record'), ('town.built', 'Built the demo town')], max_length=40)),
                ('subject_kind', models.CharField(choices=[('citizens.citizen', 'Citizen'), ('citizens.user', 'Account'), ('citizens.tie', 'Tie'), ('citizens.behaviour', 'Behaviour'), ('citizens.behaviourtype', 'Behaviour type'), ('citizens.source', 'Source'), ('citizens.consent', 'Consent'), ('scoring.ruleset', 'Rule set'), ('scoring.run', 'Run'), ('scoring.contest', 'Contest'), ('perks.perk', 'Perk'), ('perks.restriction', 'Restriction'), ('oauth2_provider.application', 'Application'), ('auth.group', 'Group'), ('django_celery_beat.periodictask', 'Periodic task'), ('django_celery_beat.intervalschedule', 'Interval of a schedule'), ('django_celery_beat.crontabschedule', 'Times of a schedule'), ('django_celery_beat.solarschedule', 'Solar event of a schedule'), ('django_celery_beat.clockedschedule', 'Moment of a schedule'), ('account.emailaddress', 'E-mail address'), ('mfa.authenticator', 'Second factor'), ('oauth2_provider.accesstoken', 'Access token'), ('oauth2_provider.grant', 'Authorisation code'), ('oauth2_provider.idtoken', 'Identity token'), ('oauth2_provider.refreshtoken', 'Refresh token'), ('file', 'File'), ('town', 'Demo town')], max_length=40)),
                ('subject_id', models.BigIntegerField(blank=True, null=True)),
                ('subject_name', models.CharField(blank=True, help_text='What it was called then; never a citizen.', max_length=160)),
                ('old', models.JSONField(blank=True, help_text='Values before.', null=True)),
                ('new', models.JSONField(blank=True, help_text='Values after.', null=True)),
                ('reason', models.TextField(blank=True, help_text='What the person said about it.')),
                ('facts', models.JSONField(blank=True, default=dict)),
                ('xid', models.BigIntegerField(db_default=django.db.models.functions.comparison.Cast(django.db.models.functions.comparison.Cast(models.Func(function='pg_current_xact_id'), models.TextField()), models.BigIntegerField()), editable=False)),
                ('actor', models.ForeignKey(blank=True, help_text='Empty: the system itself.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'audit entries',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='AuditHead',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('position', models.BigIntegerField()),
                ('hash', models.CharField(max_length=64)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='one_head_of_the_chain', violation_error_message='The chain has one head.')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditseal',
            trigger=pgtrigger.compiler.Trigger(name='seals_are_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c1bbd98e9c39588129e326c959bb26433dbcafbc', operation='UPDATE OR DELETE', pgid='pgtrigger_seals_are_append_only_9cd76', table='citizens_auditseal', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='behaviour',
            name='type',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='citizens.behaviourtype'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='behaviourtype',
            trigger=pgtrigger.compiler.Trigger(name='types_are_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='368ab9486b82094f5470ed1308a164eb9bb2348d', operation='DELETE', pgid='pgtrigger_types_are_kept_d254f', table='citizens_behaviourtype', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='behaviourtype',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "citizens_behaviourtypeevent" ("amounts_below_zero", "context", "description", "id", "key", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "unit") VALUES (NEW."amounts_below_zero", NEW."context", NEW."description", NEW."id", NEW."key", NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."unit"); RETURN NULL;', hash='f732473cea025ef389269fca1c18cf62f8638229', operation='INSERT', pgid='pgtrigger_insert_insert_7631e', table='citizens_behaviourtype', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='behaviourtype',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "citizens_behaviourtypeevent" ("amounts_below_zero", "context", "description", "id", "key", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "unit") VALUES (NEW."amounts_below_zero", NEW."context", NEW."description", NEW."id", NEW."key", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."unit"); RETURN NULL;', hash='511b17ec69cfa1640849cf92932695ca8fe61f38', operation='UPDATE', pgid='pgtrigger_update_update_660e3', table='citizens_behaviourtype', when='AFTER')),
        ),
        migrations.AddField(
            model_name='behaviourtypeevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='behaviourtypeevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='citizens.behaviourtype'),
        ),
        migrations.AddField(
            model_name='citizen',
            name='user',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='citizen', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='change',
            name='citizen',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='citizens.citizen'),
        ),
        migrations.AddField(
            model_name='behaviour',
            name='citizen',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='behaviours', to='citizens.citizen'),
        ),
        migrations.AddField(
            model_name='auditentry',
            name='citizen',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='citizens.citizen'),
        ),
        migrations.AddField(
            model_name='citizenevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='citizenevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', related_query_name='event', to='citizens.citizen'),
        ),
        migrations.AddField(
            model_name='citizenevent',
            name='user',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='consent',
            name='citizen',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consents', to='citizens.citizen'),
        ),
        migrations.AddField(
            model_name='source',
            name='application',
            field=models.OneToOneField(blank=True, help_text='The REST client that furnishes for this source.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='source', to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL),
        ),
        migrations.AddField(
            model_name='consent',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='citizens.source'),
        ),
        migrations.AddField(
            model_name='behaviour',
            name='source',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='citizens.source'),
        ),
        migrations.AddField(
            model_name='sourceevent',
            name='application',
            field=models.ForeignKey(blank=True, db_constraint=False, help_text='The REST client that furnishes for this source.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL),
        ),
        migrations.AddField(
            model_name='sourceevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='sourceevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='citizens.source'),
        ),
        migrations.AddField(
            model_name='tie',
            name='first',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ties_as_first', to='citizens.citizen'),
        ),
        migrations.AddField(
            model_name='tie',
            name='proposed_by',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='ties_proposed', to='citizens.citizen'),
        ),
        migrations.AddField(
            model_name='tie',
            name='second',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ties_as_second', to='citizens.citizen'),
        ),
        migrations.AddConstraint(
            model_name='allowance',
            constraint=models.UniqueConstraint(condition=models.Q(('stopped_at__isnull', True)), fields=('user', 'application'), name='one_standing_allowance_per_application', violation_error_message='This account already allows this application to read.'),
        ),
        migrations.AddConstraint(
            model_name='allowance',
            constraint=models.CheckConstraint(condition=models.Q(('stopped_at__isnull', True), ('stopped_at__gte', models.F('allowed_at')), _connector='OR'), name='allowance_is_stopped_after_it_is_given', violation_error_message='What an application may read cannot be stopped before it was allowed.'),
        ),
        migrations.AddIndex(
            model_name='citizen',
            index=models.Index(condition=models.Q(('is_synthetic', True)), fields=['id'], name='citizen_synthetic'),
        ),
        migrations.AddIndex(
            model_name='citizen',
            index=models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('name'), 'varchar_pattern_ops'), name='citizen_by_name'),
        ),
        migrations.AddConstraint(
            model_name='citizen',
            constraint=models.CheckConstraint(condition=models.Q(('key', ''), _negated=True), name='citizen_has_a_key', violation_error_message='A citizen needs a key.'),
        ),
        migrations.AddConstraint(
            model_name='citizen',
            constraint=models.CheckConstraint(condition=models.Q(('left_at__isnull', True), ('left_at__gte', models.F('joined_at')), _connector='OR'), name='citizen_leaves_after_joining', violation_error_message='A citizen cannot leave before joining.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='citizen',
            trigger=pgtrigger.compiler.Trigger(name='deletion_is_announced', sql=pgtrigger.compiler.UpsertTriggerSql(func="INSERT INTO citizens_change (kind, subject_id, created_at) VALUES ('deletion', OLD.id, clock_timestamp()); RETURN NULL;", hash='4f6446864739939778d2e1c441d7c01be1bf6dee', operation='DELETE', pgid='pgtrigger_deletion_is_announced_80525', table='citizens_citizen', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='citizen',
            trigger=pgtrigger.compiler.Trigger(name='behaviours_go_with_their_citizen', sql=pgtrigger.compiler.UpsertTriggerSql(func='DELETE FROM citizens_behaviour WHERE citizen_id = OLD.id; RETURN NULL;', hash='ecdcdc15a117ec62a60bddcf995a1b31eacfee8c', operation='DELETE', pgid='pgtrigger_behaviours_go_with_their_citizen_0a8f3', table='citizens_citizen', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='citizen',
            trigger=pgtrigger.compiler.Trigger(name='citizens_keep_their_id', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id"))', func="RAISE EXCEPTION 'A citizen keeps their id.' USING ERRCODE = '23514';", hash='ab31eda2e0cf509c638554050cdc302b438a7ae6', operation='UPDATE OF "id"', pgid='pgtrigger_citizens_keep_their_id_f3c6e', table='citizens_citizen', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='citizen',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "citizens_citizenevent" ("left_at", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") SELECT new_values."left_at", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."user_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='a98d3f9729315664f38f9d8c20d8a215952b4e27', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_5981a', referencing='REFERENCING NEW TABLE AS new_values ', table='citizens_citizen', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='citizen',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "citizens_citizenevent" ("left_at", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "user_id") SELECT new_values."left_at", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."user_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."left_at" IS DISTINCT FROM (new_values."left_at") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."user_id" IS DISTINCT FROM (new_values."user_id")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='66dda9697b2ada7dec4d964e1b1a694440017c1b', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_7544f', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='citizens_citizen', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='change',
            index=models.Index(condition=models.Q(('applied_at__isnull', True)), fields=['id'], name='change_pending'),
        ),
        migrations.AddIndex(
            model_name='change',
            index=models.Index(fields=['xid'], name='change_by_transaction'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='change',
            trigger=pgtrigger.compiler.Trigger(name='engine_is_told', sql=pgtrigger.compiler.UpsertTriggerSql(func="PERFORM pg_notify('sesame_changes', ''); RETURN NULL;", hash='eee0928ff7869670fb5620ab02a64fad55da55d6', level='STATEMENT', operation='INSERT', pgid='pgtrigger_engine_is_told_1c41f', table='citizens_change', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(fields=['xid', 'id'], name='audit_in_order'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(fields=['subject_kind', 'subject_id', '-id'], name='audit_by_subject'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(fields=['actor', '-id'], name='audit_by_actor'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(fields=['citizen', '-id'], name='audit_by_citizen'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(fields=['action', '-id'], name='audit_by_action'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditentry',
            trigger=pgtrigger.compiler.Trigger(name='audit_is_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='635a36ba1deaabb843f394576c633fd2329ed7b3', operation='UPDATE OR DELETE', pgid='pgtrigger_audit_is_append_only_a015c', table='citizens_auditentry', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='source',
            trigger=pgtrigger.compiler.Trigger(name='sources_are_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='2aac8032960afab3508315148a4e39566dc610be', operation='DELETE', pgid='pgtrigger_sources_are_kept_19f39', table='citizens_source', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='source',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "citizens_sourceevent" ("application_id", "contexts", "description", "id", "is_synthetic", "key", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."application_id", NEW."contexts", NEW."description", NEW."id", NEW."is_synthetic", NEW."key", NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;', hash='ba03cb1e3234e5e53c045483015521f9920b8642', operation='INSERT', pgid='pgtrigger_insert_insert_5890e', table='citizens_source', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='source',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "citizens_sourceevent" ("application_id", "contexts", "description", "id", "is_synthetic", "key", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."application_id", NEW."contexts", NEW."description", NEW."id", NEW."is_synthetic", NEW."key", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;', hash='2a7a925d95a274464e4224e3d9e0a47d02eb36b8', operation='UPDATE', pgid='pgtrigger_update_update_cbd31', table='citizens_source', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.UniqueConstraint(condition=models.Q(('withdrawn_at__isnull', True)), fields=('citizen', 'source'), name='one_active_consent_per_source', violation_error_message='This citizen already consents to this source.'),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.CheckConstraint(condition=models.Q(('withdrawn_at__isnull', True), ('withdrawn_at__gte', models.F('granted_at')), _connector='OR'), name='consent_is_withdrawn_after_it_is_given', violation_error_message='A consent cannot be withdrawn before it was given.'),
        ),
        migrations.AddIndex(
            model_name='behaviour',
            index=models.Index(fields=['citizen', '-occurred_at'], include=('type', 'source', 'amount', 'recorded_at', 'retracted_at'), name='behaviour_by_citizen'),
        ),
        migrations.AddConstraint(
            model_name='behaviour',
            constraint=models.UniqueConstraint(fields=('source', 'external_id'), name='one_behaviour_per_source_and_external_id'),
        ),
        migrations.AddConstraint(
            model_name='behaviour',
            constraint=models.CheckConstraint(condition=models.Q(('external_id', ''), _negated=True), name='behaviour_has_an_external_id', violation_error_message='A behaviour needs the identifier that its source gave it.'),
        ),
        migrations.AddConstraint(
            model_name='behaviour',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', -1000000000.0), ('amount__lte', 1000000000.0)), name='behaviour_amount_in_range', violation_error_message='The amount must be from −1,000,000,000 to 1,000,000,000.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='behaviour',
            trigger=pgtrigger.compiler.Trigger(name='citizen_type_and_source_exist', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE citizen bigint;', func="\n    FOR citizen IN SELECT DISTINCT citizen_id FROM fresh ORDER BY citizen_id LOOP\n        PERFORM FROM citizens_citizen WHERE id = citizen FOR KEY SHARE;\n        IF NOT FOUND THEN\n            RAISE EXCEPTION 'A behaviour needs a citizen who exists.' USING ERRCODE = '23503';\n        END IF;\n    END LOOP;\n    IF EXISTS (\n        SELECT FROM (SELECT DISTINCT type_id, source_id FROM fresh) used\n        LEFT JOIN citizens_behaviourtype type ON type.id = used.type_id\n        LEFT JOIN citizens_source source ON source.id = used.source_id\n        WHERE type.id IS NULL OR source.id IS NULL\n    ) THEN\n        RAISE EXCEPTION 'A behaviour needs a type and a source that exist.' USING ERRCODE = '23503';\n    END IF;\n    RETURN NULL;\n", hash='bd3ac168bfd77c93f351d19622234630794488d0', level='STATEMENT', operation='INSERT', pgid='pgtrigger_citizen_type_and_source_exist_f0b04', referencing='REFERENCING NEW TABLE AS fresh ', table='citizens_behaviour', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='behaviour',
            trigger=pgtrigger.compiler.Trigger(name='behaviours_are_not_edited', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."amount" IS DISTINCT FROM (NEW."amount") OR OLD."citizen_id" IS DISTINCT FROM (NEW."citizen_id") OR OLD."external_id" IS DISTINCT FROM (NEW."external_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."occurred_at" IS DISTINCT FROM (NEW."occurred_at") OR OLD."recorded_at" IS DISTINCT FROM (NEW."recorded_at") OR OLD."source_id" IS DISTINCT FROM (NEW."source_id") OR OLD."type_id" IS DISTINCT FROM (NEW."type_id"))', func="RAISE EXCEPTION 'A behaviour may be retracted, never edited.' USING ERRCODE = '23514';", hash='6f92dc5c05d53e0af84b6e7cf68dba624865e6ba', operation='UPDATE', pgid='pgtrigger_behaviours_are_not_edited_74930', table='citizens_behaviour', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='behaviour',
            trigger=pgtrigger.compiler.Trigger(name='behaviours_are_retracted_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.retracted_at IS NOT NULL)', func="RAISE EXCEPTION 'This behaviour is already retracted.' USING ERRCODE = '23514';", hash='3f07601a83d931393260774f4bb65caad9bf90fc', operation='UPDATE', pgid='pgtrigger_behaviours_are_retracted_once_50dac', table='citizens_behaviour', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='tie',
            constraint=models.CheckConstraint(condition=models.Q(('first', models.F('second')), _negated=True), name='no_tie_to_oneself', violation_error_message='Nobody has a tie to themselves.'),
        ),
        migrations.AddConstraint(
            model_name='tie',
            constraint=models.CheckConstraint(condition=models.Q(('strength__gt', 0), ('strength__lte', 1)), name='tie_strength_in_range', violation_error_message='The strength of a tie must be more than 0 and at most 1.'),
        ),
        migrations.AddConstraint(
            model_name='tie',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'child'), _negated=True), name='child_ties_are_stored_as_parent', violation_error_message='A tie of a parent and a child is stored from the child to the parent.'),
        ),
        migrations.AddConstraint(
            model_name='tie',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'parent'), ('first__lt', models.F('second')), _connector='OR'), name='symmetric_ties_are_stored_once', violation_error_message='This tie must name the citizen who was registered earlier first.'),
        ),
        migrations.AddConstraint(
            model_name='tie',
            constraint=models.CheckConstraint(condition=models.Q(('ended_at__isnull', True), ('started_at__isnull', True), ('ended_at__gte', models.F('started_at')), _connector='OR'), name='tie_ends_after_it_starts', violation_error_message='A tie cannot end before it starts.'),
        ),
        migrations.AddConstraint(
            model_name='tie',
            constraint=models.UniqueConstraint(django.db.models.functions.comparison.Least('first', 'second'), django.db.models.functions.comparison.Greatest('first', 'second'), models.F('kind'), condition=models.Q(('ended_at__isnull', True)), name='one_live_tie_of_a_kind_per_pair', violation_error_message='These two already have a tie of this kind.'),
        ),
    ]
