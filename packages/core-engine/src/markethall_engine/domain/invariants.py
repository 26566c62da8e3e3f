"""What must be true of the state between any two commands.

A wrong ledger is worse than none: tests and the simulator check all of it after every step, and tools after
reading a journal. It looks at everything, so it is not for the path of an order.
"""

from collections import Counter
from collections.abc import Iterator

from markethall_engine.domain.amounts import MILLION
from markethall_engine.domain.book.book_side import BookSide
from markethall_engine.domain.commands import TriggerOrder, TrimReduceOnly
from markethall_engine.domain.ledger.ledger import EXTERNAL, FEES
from markethall_engine.domain.ledger.reservation import limit_reservation
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.market import Market
from markethall_engine.domain.order import Side
from markethall_engine.domain.risk.exposure import raising_orders, reduce_only_excess
from markethall_engine.domain.risk.trading_switch import TradingState
from markethall_engine.domain.state import ExchangeState


def violations(state: ExchangeState) -> list[str]:
    """Every invariant that does not hold, in words; nothing when all is well."""
    return [
        *_ledger(state),
        *_positions(state),
        *_registries(state),
        *_closed_orders(state),
        *_sessions(state),
        *_groups(state),
        *_stops(state),
        *_reduce_only(state),
        *_switches(state),
        *_limits(state),
        *(problem for market in state.markets.values() for problem in _market(market)),
    ]


def _ledger(state: ExchangeState) -> Iterator[str]:
    """Nothing is made or lost, nothing is overdrawn, and every reservation is some live order's."""
    totals: Counter[str] = Counter()
    reservations: Counter[tuple[str, str]] = Counter()
    for order in state.live_orders.values():
        reservations[order.pays.account_id, order.pays.asset] += order.reserved
    for balance in state.ledger:
        totals[balance.asset] += balance.available + balance.reserved
        if balance.reserved != reservations[balance.account_id, balance.asset]:
            yield f"{balance.record()} is not what its live orders hold back"
        may_owe = balance.account_id == EXTERNAL or balance.account_id in state.ledger.borrowers
        if balance.reserved < 0 or (balance.available < 0 and not may_owe):
            yield f"{balance.record()} is overdrawn"
    for asset, total in totals.items():
        if total != 0:
            yield f"the ledger of {asset} sums to {total}, not to zero"


def _positions(state: ExchangeState) -> Iterator[str]:
    """What one account bought another sold; and the fees that positions paid are what the venue earned."""
    fees: Counter[str] = Counter()
    for symbol, market in state.markets.items():
        positions = [
            account.positions[symbol] for account in state.accounts.values() if symbol in account.positions
        ]
        if sum(position.quantity_lots for position in positions) != 0:
            yield f"the positions in {symbol} do not sum to zero lots"
        if sum(position.cost - position.realized_pnl for position in positions) != 0:
            yield f"cost less realized profit in {symbol} does not sum to zero"
        if any(position.cost != 0 and position.quantity_lots == 0 for position in positions):
            yield f"a flat position in {symbol} has a cost"
        fees[market.instrument.quote_asset] += sum(position.fees_paid for position in positions)
    for asset in state.assets:
        earned = state.ledger.available(FEES, asset)
        if earned != fees[asset]:
            yield f"the venue earned {earned} {asset} in fees, positions paid {fees[asset]}"
    yield from _rounding(state)


def _rounding(state: ExchangeState) -> Iterator[str]:
    """An order gains the venue less than one minor unit of what it paid."""
    gained = Counter(state.ledger.rounding)
    for order in state.live_orders.values():
        gained[state.markets[order.symbol].instrument.quote_asset] += order.fee_credit
    for asset, rounding in gained.items():
        earned = state.ledger.available(FEES, asset)
        if not 0 <= rounding <= earned * MILLION:
            yield f"rounding came to {rounding} millionths of {earned} {asset} of fees"


def _registries(state: ExchangeState) -> Iterator[str]:
    """An order lives in one book or waits for its stop price, under its account and its id, or not at all."""
    resting = {
        order.order_id
        for market in state.markets.values()
        for side in (market.book.bids, market.book.asks)
        for order in side
    }
    owned = {order.order_id for account in state.accounts.values() for order in account.live_orders.values()}
    waiting = {order.order_id for order in state.live_orders.values() if order.is_pending}
    if not resting ^ waiting == owned == state.live_orders.keys():
        yield f"orders in books {resting}, of accounts {owned}, alive {set(state.live_orders)} differ"
    if not state.live_orders.keys().isdisjoint(state.closed_orders):
        yield "an order is both alive and closed"
    for account in state.accounts.values():
        if list(account.order_ids) != sorted(set(account.order_ids)):
            yield f"the orders of {account.account.account_id} are not in order"


def _closed_orders(state: ExchangeState) -> Iterator[str]:
    """What was ordered is accounted for, and nothing lives on."""
    for order_id in state.closed_orders:
        order = state.closed_order(order_id)
        assert order is not None, "it is among the closed ones"
        if (
            order.leaves_lots
            or order.reserved
            or order.quantity_lots != order.filled_lots + order.canceled_lots
        ):
            yield f"closed order {order} does not add up"


def _sessions(state: ExchangeState) -> Iterator[str]:
    """Every order that is to end with a connection is noted there, and nothing else is."""
    noted = {order_id: name for name, orders in state.sessions.items() for order_id in orders}
    for order in state.live_orders.values():
        session_id = "" if order.instructions is None else order.instructions.session_id
        if noted.pop(order.order_id, "") != session_id:
            yield f"order {order.order_id} is not noted under its session {session_id!r}"
    for order_id, name in noted.items():
        yield f"session {name!r} has order {order_id}, which does not live"


def _switches(state: ExchangeState) -> Iterator[str]:
    """Where trading is HALTED no order lives, and where it is REDUCING none that could raise exposure."""
    if state.switches.stopped != sum(switch.state is not TradingState.ACTIVE for switch in state.switches):
        yield f"{state.switches.stopped} switches are said to stop trading, which is another number"
    oldest_first = sorted(state.live_orders.values(), key=LiveOrder.age)
    # One that waits was held to the position as it was, and is asked again when it is released.
    raising = {order.order_id for order in raising_orders(oldest_first) if not order.is_pending}
    for order in oldest_first:
        for switch in state.switches.stopping(order.owner.account, order.symbol):
            if switch.state is TradingState.HALTED or order.order_id in raising:
                yield f"order {order.order_id} lives while {switch.name} is {switch.state.name}"


def _reduce_only(state: ExchangeState) -> Iterator[str]:
    """Reduce-only orders are noted, and only reduce, unless the venue owes it to cut them."""
    for account_id, account in state.accounts.items():
        noted = {order_id for orders in account.reduce_only.values() for order_id in orders}
        reduce_only = {
            order.order_id
            for order in account.live_orders.values()
            if order.instructions is not None and order.instructions.reduce_only and not order.is_pending
        }
        if noted != reduce_only:
            yield f"the reduce-only orders of {account_id} are noted as {noted}, not {reduce_only}"
        for symbol in account.reduce_only:
            excess = [reduce_only_excess(account, symbol, side) for side in Side]
            if any(excess) and TrimReduceOnly(account_id, symbol) not in state.follow_ups:
                yield f"reduce-only orders of {account_id} in {symbol} exceed its position by {excess} lots"


def _stops(state: ExchangeState) -> Iterator[str]:
    """What waits for a stop price is where a trade finds it, or is to be released; it holds back nothing."""
    owed = {command.order_id for command in state.follow_ups if isinstance(command, TriggerOrder)}
    for symbol, market in state.markets.items():
        noted = {order.order_id for order in market.waiting_orders()}
        waiting = {
            order.order_id: order
            for order in state.live_orders.values()
            if order.is_pending and order.symbol == symbol
        }
        if noted != waiting.keys() - owed:
            yield f"{symbol}: stop orders {noted} wait, not {waiting.keys() - owed}"
        for order in waiting.values():
            if order.reserved or order.filled_lots or order.leaves_lots != order.quantity_lots:
                yield f"stop order {order.order_id} holds back or has filled something"


def _groups(state: ExchangeState) -> Iterator[str]:
    """Every order of a group is noted there, and nothing else is."""
    for account_id, account in state.accounts.items():
        noted = {order.order_id: group_id for group_id, order in account.grouped_orders()}
        grouped = {
            order.order_id: order.instructions.order_group_id
            for order in account.live_orders.values()
            if order.instructions is not None and order.instructions.order_group_id
        }
        if noted != grouped:
            yield f"the groups of {account_id} are noted as {noted}, not {grouped}"


def _limits(state: ExchangeState) -> Iterator[str]:
    """What limits are checked against is what lives, and times are in order."""
    for account_id, account in state.accounts.items():
        risk = account.risk
        if risk is None:
            continue
        lots: Counter[tuple[str, Side]] = Counter()
        for order in account.live_orders.values():
            lots[order.symbol, order.side] += 0 if order.is_pending else order.leaves_lots
        if any(
            risk.open_lots(symbol, side) != lots[symbol, side] for symbol in state.markets for side in Side
        ):
            yield f"the open lots of {account_id} are not those of its live orders"
        times = list(risk.order_times_ns)
        if times != sorted(times) or (times and not risk.limits.max_orders_per_second):
            yield f"the times of orders of {account_id} are out of order, or kept without a limit"


def _market(market: Market) -> Iterator[str]:
    """The book is crossed in an auction alone, its sums are right, and each order is whole and covered."""
    symbol = market.instrument.symbol
    bid, ask = market.book.bids.ladder.best(), market.book.asks.ladder.best()
    if bid is not None and ask is not None and bid >= ask and not market.is_in_auction:
        yield f"{symbol} is crossed: bid {bid}, ask {ask}"
    for side, name in ((market.book.bids, Side.BUY), (market.book.asks, Side.SELL)):
        yield from _levels(symbol, side, falling=name is Side.BUY)
        for order in side:
            if order.side is not name or order.symbol != symbol or not order.is_resting:
                yield f"order {order.order_id} rests where it does not belong"
            yield from _order(market, order)


def _levels(symbol: str, side: BookSide, *, falling: bool) -> Iterator[str]:
    prices = list(side.ladder)
    if prices != sorted(set(prices), reverse=falling):
        yield f"{symbol}: levels are out of order: {prices}"
    for price_ticks in prices:
        level = side.level(price_ticks)
        orders = list(level)
        if level.order_count != len(orders) or level.order_count == 0:
            yield f"{symbol}: level {price_ticks} counts {level.order_count} orders, has {len(orders)}"
        shown_lots = sum(order.leaves_lots - order.hidden_lots for order in orders)
        if level.quantity_lots != shown_lots:
            yield f"{symbol}: level {price_ticks} has a wrong sum"
        careful = [order.instructions is not None and order.instructions.needs_care() for order in orders]
        if level.careful_orders != sum(careful):
            yield f"{symbol}: level {price_ticks} takes care of {level.careful_orders}, not {sum(careful)}"
        if any(order.price_ticks != price_ticks for order in orders):
            yield f"{symbol}: level {price_ticks} holds an order of another price"


def _order(market: Market, order: LiveOrder) -> Iterator[str]:
    if order.leaves_lots <= 0 or order.quantity_lots != order.filled_lots + order.leaves_lots:
        yield f"{order.record()} does not add up"
    display_lots = 0 if order.instructions is None else order.instructions.display_lots
    shown_lots = order.leaves_lots - order.hidden_lots
    if order.hidden_lots and not (order.hidden_lots > 0 and 0 < shown_lots <= display_lots):
        yield f"order {order.order_id} shows {shown_lots} lots and hides {order.hidden_lots}"
    if not 0 <= order.fee_credit < MILLION:
        yield f"order {order.order_id} has a fee credit of {order.fee_credit}"
    needed = limit_reservation(
        market.instrument,
        side=order.side,
        price_ticks=order.price_ticks,
        leaves_lots=order.leaves_lots,
        highest_fee_ppm=order.highest_fee_ppm(),
        fee_credit=order.fee_credit,
    )
    if order.reserved != needed:
        yield f"order {order.order_id} holds back {order.reserved}, needs {needed}"
