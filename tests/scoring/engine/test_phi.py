"""φ over arrays against the readable reference."""

import numpy as np
import pytest

from scoring.engine import reference
from scoring.engine.phi import drag_and_lift
from tests.scoring.engine import worlds


@pytest.mark.parametrize("seed", range(10))
def test_both_parts_add_up_to_the_reference(seed):
    rng = np.random.default_rng(seed)
    influence = worlds.random_influence(rng)
    scores = np.concatenate([rng.uniform(350, 950, 50), [influence.theta_drag, influence.theta_lift]])

    drag, lift = drag_and_lift(scores, influence)

    assert (drag <= 0).all()
    assert (lift >= 0).all()
    assert drag + lift == pytest.approx([reference.radiated(score, influence) for score in scores])
