"""The console's first page: what is in force, and what waits for somebody."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from citizens.access import needs
from citizens.models import Citizen
from scoring.console.charts import people_per_band
from scoring.enums import ContestStatus, RuleSetStatus, RunStatus
from scoring.models import Contest, RuleSet, Run, Score

SHOWN = 5


@needs(None)
def home(request: HttpRequest) -> HttpResponse:
    """Current rule set and run, drafts, open contests, and how many citizens each band holds."""
    run = Run.objects.current()
    bands = band_counts(run)
    scored = sum(people for _, _, people, _ in bands)
    drafts = RuleSet.objects.select_related("author").order_by("-version")
    contests = Contest.objects.filter(status=ContestStatus.OPEN).select_related("citizen", "behaviour__type")
    return render(
        request,
        "console/home.html",
        {
            "published": RuleSet.objects.published().select_related("author", "published_by").first(),
            "run": run,
            "scored": scored,
            # Somebody who has just left may have a score for a moment longer.
            "unscored": max(0, Citizen.objects.members().count() - scored) if run else 0,
            "running": Run.objects.filter(status=RunStatus.RUNNING).first(),
            "in_review": drafts.filter(status=RuleSetStatus.IN_REVIEW),
            "drafts": drafts.filter(status=RuleSetStatus.DRAFT)[:SHOWN],
            "contests": contests.order_by("opened_at")[:SHOWN],
            "open_contests": Contest.objects.filter(status=ContestStatus.OPEN).count(),
            "bands": bands,
            "moved": moved_with(run) if run else None,
            "chart": people_per_band(bands) if any(count for _, _, count, _ in bands) else "",
        },
    )


@dataclass
class BandMoves:
    """Numbers of movements into a band and out of it, those from and to the unscored included."""

    name: str
    came: int = 0
    left: int = 0

    @property
    def net(self) -> int:
        return self.came - self.left


@dataclass
class Moves:
    """Numbers of movements of a run, and of live updates since: by direction, and by band."""

    up: int
    down: int
    newly_scored: int
    no_longer_scored: int
    bands: list[BandMoves]


def moved_with(run: Run) -> Moves:
    """The movements of a run so far, bands of the same key taken for one, lowest band first. One query."""
    rows = list(run.movement_counts.select_related("band_before", "band"))
    moves = {band.key: BandMoves(band.name) for band, _, _ in run.rule_set.band_ranges()}
    for row in rows:
        came, left = row.band, row.band_before
        if came and left and came.key == left.key:
            continue
        if came:
            moves.setdefault(came.key, BandMoves(came.name)).came += row.movements
        if left:
            moves.setdefault(left.key, BandMoves(left.name)).left += row.movements
    return Moves(
        up=sum(row.up for row in rows),
        down=sum(row.down for row in rows),
        newly_scored=sum(row.movements for row in rows if row.band_before_id is None),
        no_longer_scored=sum(row.movements for row in rows if row.band_id is None),
        bands=list(moves.values()),
    )


def band_counts(run: Run | None) -> list[tuple[str, str, int, float]]:
    """(band, its scores, citizens, share of the scored), lowest band first. One query."""
    if run is None:
        return []
    ranges = run.rule_set.band_ranges()
    counts = {band.pk: 0 for band, _, _ in ranges}
    for published, people in Score.objects.filter(run_id=run.pk).people_per_number().items():
        counts[run.rule_set.band_of(published).pk] += people
    scored = sum(counts.values()) or 1
    return [
        (
            band.name,
            _("%(lowest)s to %(highest)s") % {"lowest": lowest, "highest": highest},
            counts[band.pk],
            counts[band.pk] / scored,
        )
        for band, lowest, highest in ranges
    ]
