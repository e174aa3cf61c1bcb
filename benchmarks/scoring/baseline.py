"""The figures from which progress counts, and the check against tuning.

dev2 is looked at and score2 is not. What gains more on dev2 than on score2 was tuned on the pages of dev2.
"""

from collections.abc import Mapping

# F1 of Irtysh at 86b72a2: docs/measurements.md §11. By whether scripts without spaces between words are included.
BASELINES = {
    False: {"dev2": 0.9308, "score2": 0.9476},
    True: {"dev2": 0.929, "score2": 0.947},
}
LOOKED_AT, SEALED = "dev2", "score2"
MAX_TUNED_GAIN = 0.010  # of F1: by how much dev2 may gain more than score2


def tuned(f1_by_set: Mapping[str, float], *, every_script: bool) -> str:
    """Return the warning that dev2 gained more than score2, or an empty string."""
    baseline = BASELINES[every_script]
    if not {LOOKED_AT, SEALED} <= f1_by_set.keys():
        return ""
    gains = {name: f1_by_set[name] - baseline[name] for name in (LOOKED_AT, SEALED)}
    if gains[LOOKED_AT] - gains[SEALED] < MAX_TUNED_GAIN:
        return ""
    return (
        f"warning: since the baseline {LOOKED_AT} has gained {gains[LOOKED_AT]:+.4f} and {SEALED} {gains[SEALED]:+.4f}: "
        f"something was tuned on {LOOKED_AT}"
    )
