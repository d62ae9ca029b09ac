"""Background: the lines that a log says over and over, whatever goes wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

LONG = 20  # messages, from which on a log shows what recurs in it
OFTEN = 3
TELLING = 1.6  # the trouble from which on something went wrong, and not only a warning
STRETCH = 0.4  # of the log, from the first of a kind to the last
LATE = 0.5  # of the log: what begins later is a burst
STRETCHES = 6  # into which a log is cut to see how evenly something recurs
MUCH_WORSE = 2.0  # how much more trouble what recurs may be than what doesn't, and is background all the same


def recurring(said: Sequence[tuple[str, float]]) -> frozenset[str]:
    """The kinds of messages that are background in a log, of (kind, how much it looks like trouble) of each message in its order.

    Background is what recurs over a long stretch, evenly, and began before the worst: a burst that began late is the event. What
    recurs is no background where it is all that is wrong, or much worse than all else.
    """
    if len(said) < LONG:
        return frozenset()
    places: dict[str, list[int]] = defaultdict(list)
    worst: dict[str, float] = {}
    for place, (kind, trouble) in enumerate(said):
        places[kind].append(place)
        worst[kind] = max(trouble, worst.get(kind, 0.0))
    found = {kind for kind, where in places.items() if worst[kind] and is_even(where, len(said))}
    once = max((trouble for kind, trouble in worst.items() if kind not in found), default=0.0)
    return frozenset(kind for kind in found if once >= TELLING and worst[kind] - once <= MUCH_WORSE)


def is_even(places: Sequence[int], length: int) -> bool:
    """Whether what stands at these places of a log recurs over a long stretch of it, and not in a burst at its end."""
    if len(places) < OFTEN or places[-1] - places[0] < STRETCH * length:
        return False
    if places[0] > LATE * length:
        return False
    stretches = {place * STRETCHES // length for place in places}
    return len(stretches) >= OFTEN
