"""An explanation as values that JSON can carry, for REST and command line: codes and numbers, and the words."""

from typing import Any

from scoring.explanation.lines import Explanation, Line
from scoring.explanation.wording import line_label, line_note, unscored_words


def as_values(explanation: Explanation) -> dict[str, Any]:
    """The whole explanation; numbers are null for the unscored."""
    run, score = explanation.run, explanation.score
    return {
        "citizen": explanation.citizen.key,
        "run": run.pk if run else None,
        "as_of": run.as_of.isoformat() if run else None,
        "rule_set": run.rule_set.version if run else None,
        "score": score.published if score else None,
        "own": score.own if score else None,
        "network": explanation.network.total if explanation.network else None,
        "band": explanation.band.key if explanation.band else None,
        "next_band": explanation.next_band.key if explanation.next_band else None,
        "points_to_next": explanation.points_to_next,
        "unscored_code": explanation.unscored.value if explanation.unscored else "",
        "unscored_reason": unscored_words(explanation),
        "lines": [_line(line) for line in explanation.lines],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "kind": line.kind.value,
        "subject": line.subject,
        "label": line_label(line),
        "note": line_note(line),
        "points": line.points,
        "facts": dict(line.facts),
    }
