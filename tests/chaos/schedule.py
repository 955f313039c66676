"""What goes wrong, and when: drawn from a seed, counted in finished tasks so that no machine is too fast for it."""

import dataclasses
import random

# Nothing goes wrong before the first tasks are done, nor when there is nothing left to disturb.
_FROM, _TO = 0.01, 0.93


@dataclasses.dataclass(frozen=True, order=True)
class Event:
    at: int  # due once so many tasks are done
    order: int
    kind: str = dataclasses.field(compare=False)
    delay: float = dataclasses.field(compare=False)  # seconds after it is due
    seed: int = dataclasses.field(compare=False)  # of its own choices, such as whom it hits


def draw(seed, tasks, counts):
    """`counts`: how often, by kind. The same arguments give the same events, in order."""
    generator = random.Random(seed)
    events = []
    for kind in sorted(counts):
        for _ in range(counts[kind]):
            at = int(tasks * generator.uniform(_FROM, _TO))
            events.append(Event(at, len(events), kind, generator.uniform(0, 0.2), generator.getrandbits(32)))
    return sorted(events)
