"""From a recording to the orders that must have been sent: steps for a venue, one after another.

After a difference between the recording and price-time priority the orders are put right, so that one
difference is counted once.
"""

from collections.abc import Iterable, Iterator, Mapping

from tools.recorded_flow.held_orders import HeldOrders, Line
from tools.recorded_flow.lifetimes import Lifetimes
from tools.recorded_flow.queue_book import Execution
from tools.recorded_flow.recording import EventKind, FlowEvent, Recording, Row, Side
from tools.recorded_flow.segments import group_executions, split_segments
from tools.recorded_flow.sight import Sight
from tools.recorded_flow.steps import AggressiveOrder, Cause, Command, Step


class Reconstruction:
    """Plans the steps of one recording, once. Knows what the venue holds only from what it has planned."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._groups = group_executions(recording.events)
        self._lifetimes = Lifetimes(recording)
        self._held = HeldOrders()
        self._sight = Sight(recording, self._lifetimes, self._held)
        self._repairs: list[Command] = []
        """What puts the differences of the last step right; sent with the next."""

    def steps(self) -> Iterator[Step]:
        has_rows = bool(self._recording.rows)
        if not has_rows:
            yield Step(range(0), list(self._sight.seed_all()))
        for segment in split_segments(len(self._recording.events), self._groups):
            step = Step(segment, self._repairs)
            self._repairs = []
            if has_rows:
                seeding, step.seeded = self._sight.bring_in(segment)
                step.commands += seeding
            for index in segment:
                self._carry_out(index, step)
            if has_rows:
                self._expect_row(step)
            yield step

    def _carry_out(self, index: int, step: Step) -> None:
        event = self._recording.events[index]
        match event.kind:
            case EventKind.PLACE:
                self._place(index, event, step)
            case EventKind.REDUCE | EventKind.CANCEL:
                self._lifetimes.take_off(event.order_id, event.quantity)
                step.commands += self._take_out(event)
            case EventKind.EXECUTE:
                if index in self._groups:
                    self._execute(self._groups[index], step)
            case EventKind.TAKE:
                take, fills = self._held.take(event.side, event.price or None, event.quantity)
                step.commands.append(take)
                step.aggressive_orders.append(AggressiveOrder(take, index, None, tuple(fills)))
            case _:
                pass  # The visible book does not change.

    def _place(self, index: int, event: FlowEvent, step: Step) -> None:
        if not self._held.crosses(event.side, event.price):
            step.commands += self._rest(event)
        elif self._groups:
            # Its fills are recorded as executions; it must not make others.
            step.cause = Cause.CROSSED
            self._sight.withhold(event.side, event.price, event.order_id)
        else:
            place, fills = self._held.place(event.side, event.price, event.order_id, event.quantity)
            step.commands.append(place)
            step.aggressive_orders.append(AggressiveOrder(place, index, None, tuple(fills)))

    def _rest(self, event: FlowEvent) -> Iterable[Command]:
        """Place an order last in line, but before seeded ones with higher ids.

        Orders of before the day are reported late and rank by their ids all the same.
        """
        queue = self._held.queue(event.side, event.price)
        behind = {order_id for order_id in queue if order_id > event.order_id and self._is_unseen(order_id)}
        if not behind:
            return [self._held.rest(event.side, event.price, event.order_id, event.quantity)]
        line = [entry for entry in queue.items() if entry[0] not in behind]
        line.append((event.order_id, event.quantity))
        line += [entry for entry in queue.items() if entry[0] in behind]
        return self._held.align(event.side, event.price, line)

    def _take_out(self, event: FlowEvent) -> Iterator[Command]:
        """Reduce or cancel an order; if it is not there, quantity without a name at its price."""
        held = self._held.queue(event.side, event.price)
        open_quantity = held.get(event.order_id)
        if open_quantity is not None:
            whole = event.kind is EventKind.CANCEL or event.quantity >= open_quantity
            quantity = open_quantity if whole else event.quantity
            yield self._held.lower(event.side, event.price, event.order_id, quantity)
            return
        rest = event.quantity
        for order_id, open_quantity in reversed(list(held.items())):
            quantity = min(rest, open_quantity)
            if order_id < 0 < quantity:
                yield self._held.lower(event.side, event.price, order_id, quantity)
                rest -= quantity

    def _execute(self, group: list[int], step: Step) -> None:
        """Send the executions of one instant and side as the one order that they were."""
        events = [self._recording.events[index] for index in group]
        side = events[0].side
        prices = [event.price for event in events]
        limit = min(prices) if side is Side.BUY else max(prices)
        before = {price: dict(self._held.queue(side, price)) for price in self._held.prices(side, limit)}
        for event in events:
            self._lifetimes.take_off(event.order_id, event.quantity)
        take, expected = self._held.take(side.opposite, limit, sum(event.quantity for event in events))
        recorded = _merged(Execution(event.order_id, event.price, event.quantity) for event in events)
        cause = None
        if expected != recorded:
            cause = self._explain(recorded, expected)
            for price, queue in before.items():
                self._repairs += self._held.align(side, price, _without(queue, price, recorded))
        step.commands.append(take)
        step.aggressive_orders.append(
            AggressiveOrder(
                take,
                group[0],
                tuple(recorded),
                tuple(expected),
                cause,
                has_seeded_makers=any(self._was_seeded(event.order_id) for event in events),
            )
        )
        if self._recording.rows and range(group[0], group[-1] + 1) == step.events:
            step.rows_inside = tuple(self._rows_inside(step.events))

    def _rows_inside(self, events: range) -> Iterator[tuple[int, Row]]:
        filled = 0
        for index in events[:-1]:
            event = self._recording.events[index]
            if event.kind is EventKind.EXECUTE:
                filled += event.quantity
            yield filled, self._recording.rows[index]

    def _explain(self, recorded: list[Execution], expected: list[Execution]) -> Cause:
        """The cause of the first difference."""
        for wanted, found in zip(recorded, expected, strict=False):
            if wanted == found:
                continue
            if found.order_id < 0:
                return Cause.NEVER_NAMED
            if self._is_unseen(found.order_id) or self._is_unseen(wanted.order_id):
                return Cause.ENTERED_UNSEEN
            return Cause.PRIORITY_BROKEN if found.price == wanted.price else Cause.CONTRADICTION
        return Cause.CONTRADICTION

    def _was_seeded(self, order_id: int) -> bool:
        return self._is_unseen(order_id) or self._held.was_placed_again(order_id)

    def _is_unseen(self, order_id: int) -> bool:
        return not self._lifetimes.was_placed_in_sight(order_id)

    def _expect_row(self, step: Step) -> None:
        """Note the row that must follow, and put right what cannot follow from the events."""
        last = step.events[-1]
        step.row = self._recording.rows[last]
        for side in Side:
            if self._held.top(side, self._recording.depth) != step.row[side]:
                step.cause = step.cause or Cause.CONTRADICTION
                self._repairs += self._sight.put_right(side, last)


def _merged(executions: Iterable[Execution]) -> list[Execution]:
    """Count what one order filled in parts, one right after the other, as one."""
    merged: list[Execution] = []
    for execution in executions:
        if merged and merged[-1][:2] == execution[:2]:
            merged[-1] = merged[-1]._replace(quantity=merged[-1].quantity + execution.quantity)
        else:
            merged.append(execution)
    return merged


def _without(queue: Mapping[int, int], price: int, executions: Iterable[Execution]) -> Line:
    """The orders of a queue at `price` after `executions`; what they lack comes off from behind."""
    left = dict(queue)
    missing = 0
    for execution in executions:
        if execution.price == price:
            taken = min(execution.quantity, left.get(execution.order_id, 0))
            missing += execution.quantity - taken
            if taken:
                left[execution.order_id] -= taken
    for order_id in reversed(left):
        taken = min(missing, left[order_id])
        left[order_id] -= taken
        missing -= taken
    return [entry for entry in left.items() if entry[1]]
