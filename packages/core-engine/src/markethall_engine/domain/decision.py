"""What `Exchange.decide` answers."""

import msgspec

from markethall_engine.domain.events import Event


class Duplicate(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The command repeats one that was decided before, as `sequence`; nothing is to be journaled.

    Its original record holds the answer. `commands.same_request` tells a repetition from another request
    under a used identifier.
    """

    sequence: int


Decision = list[Event] | Duplicate
