from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('citizens', '0017_task_of_reads'),
    ]

    operations = [
        migrations.AlterField(
            model_name='auditentry',
            name='action',
            field=models.CharField(choices=[('citizen.joined', 'Added the citizen'), ('citizen.left', "Ended the citizen's membership"), ('citizen.forgotten', 'Deleted the citizen and all that was known of them'), ('citizen.score_viewed', "Looked at the citizen's score"), ('account.linked', 'Linked an account to the citizen'), ('account.unlinked', 'Unlinked the account of the citizen'), ('account.roles_assigned', 'Assigned roles to the account'), ('account.role_asked', 'Asked for a role of the account, which a second person confirms'), ('account.role_confirmed', 'Confirmed a role of the account'), ('account.role_declined', 'Declined a role of the account'), ('account.password_set', 'Set the password of the account'), ('tie.proposed', 'Proposed the tie'), ('tie.confirmed', 'Confirmed the tie'), ('tie.declined', 'Closed the proposal of a tie'), ('tie.ended', 'Ended the tie'), ('tie.imported', 'Imported ties'), ('consent.granted', 'Gave consent to a source'), ('consent.renewed', 'Agreed to what a source asks for by now'), ('consent.withdrawn', 'Withdrew consent from a source'), ('behaviour.furnished', 'Furnished behaviours'), ('behaviour.imported', 'Imported behaviours'), ('behaviour.retracted', 'Retracted the behaviour'), ('sharing.allowed', 'Let the application read'), ('sharing.stopped', 'Stopped the application from reading'), ('application.scopes_allowed', 'Changed what the application may ask for'), ('rule_set.drafted', 'Started the draft'), ('rule_set.edited', 'Edited the draft'), ('rule_set.submitted', 'Submitted the draft for review'), ('rule_set.sent_back', 'Sent the rule set back to its author'), ('rule_set.published', 'Published the rule set'), ('rule_set.retired', 'Retired the rule set by publishing another'), ('rule_set.discarded', 'Discarded the draft'), ('run.started', 'Started the run'), ('run.failed', 'Gave the run up'), ('programme.cadence_set', 'Set when others count'), ('contest.opened', 'Objected to a behaviour'), ('contest.upheld', 'Upheld the contest'), ('contest.rejected', 'Rejected the contest'), ('entitlement.threshold_moved', 'Moved the threshold'), ('entitlement.threshold_asked', 'Asked for another threshold, which a second person approves'), ('entitlement.threshold_declined', 'Declined another threshold'), ('record.added', 'Added the raw record'), ('record.changed', 'Changed the raw record'), ('record.deleted', 'Deleted the raw record'), ('town.built', 'Built the demo town')], max_length=40),
        ),
    ]
