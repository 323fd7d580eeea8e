"""Addresses of the console; rule sets go by version."""

from django.urls import path

from scoring.console import contests, drafts, explanations, home, programme, rule_sets, runs

urlpatterns = [
    path("", home.home, name="home"),
    path("rule-sets/", rule_sets.rule_sets, name="rule-sets"),
    path("rule-sets/<int:version>/", rule_sets.rule_set, name="rule-set"),
    path("rule-sets/<int:version>/differences/", rule_sets.differences_page, name="differences"),
    path("rule-sets/<int:version>/draft/", drafts.draft_new, name="draft-new"),
    path("rule-sets/<int:version>/edit/", drafts.draft_edit, name="draft-edit"),
    path("rule-sets/<int:version>/submit/", drafts.submit, name="submit"),
    path("rule-sets/<int:version>/send-back/", drafts.send_back, name="send-back"),
    path("rule-sets/<int:version>/publish/", drafts.publish, name="publish"),
    path("rule-sets/<int:version>/published/", drafts.published, name="published"),
    path("rule-sets/<int:version>/discard/", drafts.discard, name="discard"),
    path("runs/", runs.runs, name="runs"),
    path("runs/start/", runs.run_start, name="run-start"),
    path("runs/cadence/", programme.cadence, name="cadence"),
    path("runs/<int:pk>/", runs.run, name="run"),
    path("citizens/<int:pk>/score/", explanations.explanation, name="explanation"),
    path("contests/", contests.contests, name="contests"),
    path("contests/<int:pk>/", contests.contest, name="contest"),
]
