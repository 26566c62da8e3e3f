"""A failing run becomes the few commands that it takes."""

from collections.abc import Sequence

from markethall_engine.domain.commands import CancelOrder, Deposit, PlaceOrder
from tests.simulation.shrinking import FILLER, Step, shrink
from tests.simulation.simulator import Divergence, Simulation, simulate
from tests.simulation.traffic import SETUP


def steps(count: int) -> list[Step]:
    return [(time_ns, (Deposit("ann", "USD", time_ns),)) for time_ns in range(count)]


def test_what_does_not_matter_goes() -> None:
    wanted = {3, 40, 77}

    def fails(tried: Sequence[Step]) -> bool:
        return wanted <= {time_ns for time_ns, commands in tried if commands != (FILLER,)}

    assert [time_ns for time_ns, _ in shrink(steps(100), fails)] == [3, 40, 77]


def test_what_keeps_the_ids_of_later_orders_stays() -> None:
    """A step that is only needed for its place is left as a command that does nothing."""

    def fails(tried: Sequence[Step]) -> bool:
        return len(tried) > 5 and tried[5][0] == 5 and tried[5][1] != (FILLER,)

    shrunk = shrink(steps(50), fails)
    assert [commands == (FILLER,) for _, commands in shrunk] == [True] * 5 + [False]


def test_a_run_shrinks_to_the_order_and_the_cancel_that_it_takes() -> None:
    """A bug that loses every order that is canceled, as the oracle would find it, takes one such order."""

    class Forgetful(Simulation):
        def ask(self, time_ns, *commands):
            entries = super().ask(time_ns, *commands)
            for _, _, command, events in entries:
                if isinstance(command, CancelOrder) and type(events[0]).__name__ == "OrderCanceled":
                    raise Divergence("the order is gone")
            return entries

    def fails(tried: Sequence[Step]) -> bool:
        simulation = Forgetful("shrunk")
        try:
            for time_ns, commands in tried:
                simulation.ask(time_ns, *commands)
        except Divergence:
            return True
        return False

    asked = simulate(3, 60).asked
    assert fails(asked)
    shrunk = shrink(asked, fails, kept=len(SETUP))
    kinds = [type(command) for _, commands in shrunk[len(SETUP) :] for command in commands]
    assert kinds.count(PlaceOrder) == 1
    assert kinds[-1] is CancelOrder and shrunk[-1][1] != (FILLER,)
