"""Addresses of the citizen's pages about the score. The score itself is the home page."""

from django.urls import path

from scoring.portal import contests, history, score, what_if

urlpatterns = [
    path("why/", score.why, name="why"),
    path("news/", score.news, name="news"),
    path("history/", history.history, name="history"),
    path("what-if/", what_if.what_if, name="what-if"),
    path("contests/", contests.contests, name="contests"),
    path("behaviours/<int:pk>/contest/", contests.contest, name="contest"),
]
