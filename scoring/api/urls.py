"""Addresses of what machines read of scores, rule sets and runs."""

from django.urls import path

from scoring.api.me import MyExplanationView, MyHistoryView, MyScoreView
from scoring.api.rule_sets import RuleSetsView, RuleSetView
from scoring.api.runs import RunsView, RunView

urlpatterns = [
    path("me/score/", MyScoreView.as_view(), name="my-score"),
    path("me/explanation/", MyExplanationView.as_view(), name="my-explanation"),
    path("me/history/", MyHistoryView.as_view(), name="my-history"),
    path("rule-sets/", RuleSetsView.as_view(), name="rule-sets"),
    path("rule-sets/<int:version>/", RuleSetView.as_view(), name="rule-set"),
    path("runs/", RunsView.as_view(), name="runs"),
    path("runs/<int:pk>/", RunView.as_view(), name="run"),
]
