"""A second exchange, written to be obviously right and nothing else.

It shares the engine's vocabulary (commands, events, instruments) and none of its rules: no ladder, no
levels, no linked lists, no running sums. Every question is answered from scratch: the book is all live
orders, sorted; what an account has available is what it holds less what its live orders need; a fee is the
exact fraction over all of an order's fills, rounded up. Texts of refusals are left empty.
"""

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil

import msgspec

from markethall_engine.domain.commands import (
    CancelAllOrders,
    CancelOrder,
    Command,
    CreateAccount,
    CreateAsset,
    CreateInstrument,
    Deposit,
    PlaceOrder,
    ReplaceOrder,
    SetTradingState,
    UpdateInstrument,
    UpdateRiskLimits,
    Withdraw,
)
from markethall_engine.domain.events import (
    CancelAllCompleted,
    CancelRejected,
    CommandRejected,
    Event,
    FundsDeposited,
    FundsWithdrawn,
    InstrumentUpdated,
    OrderAccepted,
    OrderCanceled,
    OrderReduced,
    OrderRefreshed,
    OrderRejected,
    OrderReplaced,
    OrderRested,
    ReplaceRejected,
    RiskLimitsUpdated,
    TradeExecuted,
    TradePrevented,
    TradingStateSet,
)
from markethall_engine.domain.instructions import Instructions, SelfTradePrevention
from markethall_engine.domain.instrument import Instrument, InstrumentStatus
from markethall_engine.domain.order import OrderType, Side, TimeInForce
from markethall_engine.domain.reasons import CancelReason, RejectReason
from markethall_engine.domain.risk.trading_switch import TradingSwitch
from tests.simulation.oracle_risk import RiskRules


@dataclass
class Order:
    """An order, with every fill that it ever had."""

    order_id: int
    account_id: str
    instrument: Instrument  # as it was when the order was accepted: its fees
    side: Side
    price_ticks: int
    quantity_lots: int
    replied_instructions: Instructions | None
    arrival: int = 0  # when it last joined a queue; 0 while it is in none
    shown_lots: int = 0  # while it is in one
    fills: list[tuple[int, int, int]] = field(default_factory=list)  # lots, notional, rate in ppm

    @property
    def filled_lots(self) -> int:
        return sum(lots for lots, _, _ in self.fills)

    @property
    def leaves_lots(self) -> int:
        return self.quantity_lots - self.filled_lots

    @property
    def instructions(self) -> Instructions:
        return self.replied_instructions or Instructions()

    @property
    def hidden_lots(self) -> int:
        return self.leaves_lots - self.shown_lots if self.arrival else 0

    @property
    def fee(self) -> int:
        return ceil(sum(Fraction(notional * rate, 1_000_000) for _, notional, rate in self.fills))

    @property
    def needs(self) -> int:
        """What the order must hold back; a market order holds back nothing once it is decided."""
        if self.side is Side.SELL:
            return self.leaves_lots * self.instrument.lot_units
        notional = self.leaves_lots * self.price_ticks * self.instrument.tick_value
        exact = sum(Fraction(paid * rate, 1_000_000) for _, paid, rate in self.fills)
        highest = max(self.instrument.maker_fee_ppm, self.instrument.taker_fee_ppm)
        return notional + ceil(exact + Fraction(notional * highest, 1_000_000)) - self.fee

    @property
    def pays(self) -> str:
        return self.instrument.quote_asset if self.side is Side.BUY else self.instrument.base_asset


class Oracle:
    """The venue by the book of rules, one command at a time."""

    def __init__(self) -> None:
        self.instruments: dict[str, Instrument] = {}
        self.assets: set[str] = set()
        self.accounts: set[str] = set()
        self.holdings: Counter[tuple[str, str]] = Counter()  # by account and asset, reserved included
        self.live: list[Order] = []
        self.ended: dict[int, str] = {}  # order id to account
        self.client_order_ids: dict[tuple[str, str], int] = {}
        self.last_price: dict[str, int] = {}
        self.risk = RiskRules()
        self.trades = 0
        self.arrivals = 0

    def set_up(self, command: CreateAsset | CreateAccount | CreateInstrument, events: list[Event]) -> None:
        """Take over what was created; how that is decided is not the oracle's business."""
        if isinstance(command, CreateAsset):
            self.assets.add(command.asset)
        elif isinstance(command, CreateAccount):
            self.accounts.add(command.account_id)
        else:
            self.instruments[command.symbol] = events[0].instrument  # type: ignore[union-attr]

    def submit(self, command: Command, sequence: int, time_ns: int) -> list[Event] | int:
        """The events of a command, or the sequence that it repeats."""
        self.risk.time_ns = time_ns
        match command:
            case PlaceOrder():
                return self.place(command, sequence)
            case CancelOrder():
                return self.cancel(command)
            case ReplaceOrder():
                return self.replace(command)
            case CancelAllOrders():
                return self.cancel_all(command)
            case Deposit() | Withdraw():
                return self.fund(command)
            case UpdateRiskLimits():
                return self.update_risk_limits(command)
            case SetTradingState():
                return self.set_trading_state(command, time_ns)
            case UpdateInstrument():
                return self.update(command, time_ns)
        raise AssertionError(command)

    # Orders

    def place(self, command: PlaceOrder, sequence: int) -> list[Event] | int:
        key = (command.account_id, command.client_order_id)
        if command.client_order_id:
            if key in self.client_order_ids:
                return self.client_order_ids[key]
            self.client_order_ids[key] = sequence
        instrument = self.instruments.get(command.symbol)
        is_market = command.order_type is OrderType.MARKET
        reason = self.why_not(command, instrument)
        if reason is None:
            assert instrument is not None
            order = Order(
                sequence,
                command.account_id,
                instrument,
                command.side,
                command.price_ticks,
                command.quantity_lots,
                command.instructions,
            )
            meetings = self.meetings_of(order)
            killed = None
            if is_market and not meetings:
                reason = RejectReason.NO_LIQUIDITY
            fills = [(maker, lots) for maker, lots in meetings if not self.is_prevented(order, maker)]
            ticks_times_lots = order.price_ticks * order.quantity_lots
            if is_market:
                ticks_times_lots = sum(maker.price_ticks * lots for maker, lots in fills)
            if reason is None and self.risk.breaks_a_limit(
                order,
                order.quantity_lots,
                ticks_times_lots * instrument.tick_value,
                self.live,
                is_new=True,
                may_rest=command.time_in_force is TimeInForce.GTC,
            ):
                reason = RejectReason.RISK_LIMIT
            if (
                command.time_in_force is TimeInForce.FOK
                and sum(lots for _, lots in fills) < order.quantity_lots
            ):
                fills = meetings = []
                killed = CancelReason.FILL_OR_KILL
            elif sum(lots for _, lots in fills) < order.instructions.min_quantity_lots:
                fills = meetings = []
                killed = CancelReason.MIN_QUANTITY
            needs = self.cost(order, fills) if is_market else order.needs
            if reason is None and needs > self.available(order.account_id, order.pays):
                reason = RejectReason.INSUFFICIENT_FUNDS
        if reason is not None:
            self.ended[sequence] = command.account_id
            return [self.rejected(command, sequence, reason)]
        events: list[Event] = [self.accepted(command, sequence, instrument, needs)]
        self.live.append(order)
        self.risk.accepted(order.account_id)
        events += self.meet(order, meetings, is_market=is_market, market_needs=needs)
        if order not in self.live:
            return events
        if killed:
            events.append(self.end(order, killed))
        elif command.time_in_force is TimeInForce.GTC:
            events.append(self.rest(order))
        else:
            why = CancelReason.NO_LIQUIDITY if is_market else CancelReason.IMMEDIATE_REMAINDER
            events.append(self.end(order, why))
        return events

    def why_not(self, command: PlaceOrder, instrument: Instrument | None) -> RejectReason | None:
        if instrument is None:
            return RejectReason.UNKNOWN_INSTRUMENT
        if instrument.status is InstrumentStatus.HALTED:
            return RejectReason.INSTRUMENT_HALTED
        if instrument.status is InstrumentStatus.CLOSED:
            return RejectReason.INSTRUMENT_CLOSED
        if command.instrument_revision != instrument.revision:
            return RejectReason.INSTRUMENT_CHANGED
        if command.account_id not in self.accounts:
            return RejectReason.UNKNOWN_ACCOUNT
        is_limit = command.order_type is OrderType.LIMIT
        if is_limit != (command.price_ticks > 0) or command.quantity_lots <= 0:
            return RejectReason.INVALID_PARAMETERS
        if not is_limit and command.time_in_force is TimeInForce.GTC:
            return RejectReason.INVALID_PARAMETERS
        if self.risk.is_stopped(
            command.account_id, command.symbol, command.side, command.quantity_lots, self.live
        ):
            return RejectReason.KILL_SWITCH
        reason = self.out_of_bounds(instrument, command.quantity_lots)
        if reason is None and is_limit:
            reason = self.out_of_band(instrument, command.price_ticks)
        return reason or self.why_not_instructed(command)

    def why_not_instructed(self, command: PlaceOrder) -> RejectReason | None:
        wish = command.instructions or Instructions()
        rests = command.order_type is OrderType.LIMIT and command.time_in_force is TimeInForce.GTC
        if not 0 <= wish.min_quantity_lots <= command.quantity_lots:
            return RejectReason.INVALID_PARAMETERS
        if wish.post_only and (not rests or wish.min_quantity_lots):
            return RejectReason.INVALID_PARAMETERS
        if wish.display_lots < 0 or (wish.display_lots and not rests):
            return RejectReason.INVALID_PARAMETERS
        if wish.display_lots and not wish.display_lots <= command.quantity_lots <= 100 * wish.display_lots:
            return RejectReason.INVALID_PARAMETERS
        if wish.post_only and self.would_take(command.symbol, command.side, command.price_ticks):
            return RejectReason.POST_ONLY_WOULD_TAKE
        return None

    def would_take(self, symbol: str, side: Side, price_ticks: int) -> bool:
        if side is Side.BUY:
            return any(ask.price_ticks <= price_ticks for ask in self.resting(symbol, Side.SELL))
        return any(bid.price_ticks >= price_ticks for bid in self.resting(symbol, Side.BUY))

    def out_of_bounds(self, instrument: Instrument, quantity_lots: int) -> RejectReason | None:
        if quantity_lots < instrument.min_quantity_lots:
            return RejectReason.QUANTITY_TOO_LOW
        if instrument.max_quantity_lots and quantity_lots > instrument.max_quantity_lots:
            return RejectReason.QUANTITY_TOO_HIGH
        return None

    def out_of_band(self, instrument: Instrument, price_ticks: int) -> RejectReason | None:
        last = self.last_price.get(instrument.symbol)
        if last is None or instrument.price_band_ppm == 0:
            return None
        distance = Fraction(abs(price_ticks - last), last)
        too_far = distance > Fraction(instrument.price_band_ppm, 1_000_000)
        return RejectReason.PRICE_OUT_OF_BAND if too_far else None

    def cancel(self, command: CancelOrder) -> list[Event]:
        order = self.find(command)
        if isinstance(order, RejectReason):
            return [CancelRejected(command.account_id, command.order_id, command.client_order_id, order, "")]
        return [self.end(order, CancelReason.REQUESTED)]

    def cancel_all(self, command: CancelAllOrders) -> list[Event]:
        if command.account_id not in self.accounts:
            return [CommandRejected(RejectReason.UNKNOWN_ACCOUNT, "")]
        if command.symbol and command.symbol not in self.instruments:
            return [CommandRejected(RejectReason.UNKNOWN_INSTRUMENT, "")]
        meant = [
            order
            for order in sorted(self.live, key=lambda order: order.order_id)
            if order.account_id == command.account_id
            and command.symbol in ("", order.instrument.symbol)
            and command.side in (None, order.side)
        ]
        events: list[Event] = [self.end(order, CancelReason.REQUESTED) for order in meant]
        return [*events, CancelAllCompleted(command.account_id, command.symbol, command.side, len(meant))]

    def replace(self, command: ReplaceOrder) -> list[Event]:
        order = self.find(command)
        if isinstance(order, RejectReason):
            reason: RejectReason | None = order
        else:
            quantity = order.quantity_lots if command.quantity_lots is None else command.quantity_lots
            price = order.price_ticks if command.price_ticks is None else command.price_ticks
            reason = self.why_not_replace(command, order, quantity, price)
        if reason is not None or isinstance(order, RejectReason):
            assert reason is not None
            return [
                ReplaceRejected(command.account_id, command.order_id, command.client_order_id, reason, "")
            ]
        if quantity == order.filled_lots:
            return [self.end(order, CancelReason.REPLACED)]
        old_quantity, old_price, old_leaves = order.quantity_lots, order.price_ticks, order.leaves_lots
        old_instructions, old_hidden = order.replied_instructions, order.hidden_lots
        order.quantity_lots, order.price_ticks = quantity, price
        order.replied_instructions = self.new_instructions(command, order)
        keeps_priority = (
            price == old_price and quantity < old_quantity and order.replied_instructions == old_instructions
        )
        if keeps_priority:
            order.shown_lots = min(order.shown_lots, order.leaves_lots)
        events: list[Event] = [
            OrderReplaced(
                order_id=order.order_id,
                account_id=order.account_id,
                symbol=order.instrument.symbol,
                side=order.side,
                quantity_lots=quantity,
                price_ticks=price,
                leaves_lots=order.leaves_lots,
                reserved=order.needs,
                old_quantity_lots=old_quantity,
                old_price_ticks=old_price,
                old_leaves_lots=old_leaves,
                keeps_priority=keeps_priority,
                hidden_lots=order.hidden_lots if keeps_priority else 0,
                old_hidden_lots=old_hidden,
                instructions=order.replied_instructions,
                old_instructions=old_instructions,
            )
        ]
        if keeps_priority:
            return events
        order.arrival = order.shown_lots = 0
        events += self.meet(order, self.meetings_of(order), is_market=False, market_needs=0)
        if order in self.live:
            events.append(self.rest(order))
        return events

    def new_instructions(self, command: ReplaceOrder, order: Order) -> Instructions | None:
        if command.display_lots is None:
            return order.replied_instructions
        return msgspec.structs.replace(order.instructions, display_lots=command.display_lots)

    def why_not_replace(
        self, command: ReplaceOrder, order: Order, quantity: int, price: int
    ) -> RejectReason | None:
        instrument = self.instruments[order.instrument.symbol]
        if instrument.status is InstrumentStatus.HALTED:
            return RejectReason.INSTRUMENT_HALTED
        if command.instrument_revision != instrument.revision:
            return RejectReason.INSTRUMENT_CHANGED
        if price <= 0 or quantity <= 0:
            return RejectReason.INVALID_PARAMETERS
        if quantity < order.filled_lots:
            return RejectReason.QUANTITY_BELOW_FILLED
        wish = self.new_instructions(command, order)
        if (quantity, price, wish) == (order.quantity_lots, order.price_ticks, order.replied_instructions):
            return RejectReason.NO_CHANGE
        reason = None
        if quantity not in (order.quantity_lots, order.filled_lots):
            reason = self.out_of_bounds(instrument, quantity)
        if reason is None and price != order.price_ticks:
            reason = self.out_of_band(instrument, price)
        if reason is None and order.instructions.post_only:
            taken = self.would_take(instrument.symbol, order.side, price)
            reason = RejectReason.POST_ONLY_WOULD_TAKE if taken else None
        leaves = quantity - order.filled_lots
        display = wish.display_lots if wish else 0
        if reason is None and not (display == 0 or 0 < display >= leaves / 100):
            reason = RejectReason.INVALID_PARAMETERS
        others = [other for other in self.live if other is not order]
        if (
            reason is None
            and leaves
            and self.risk.is_stopped(order.account_id, order.instrument.symbol, order.side, leaves, others)
        ):
            reason = RejectReason.KILL_SWITCH
        if reason is None and leaves:
            changed = Order(
                order.order_id,
                order.account_id,
                order.instrument,
                order.side,
                price,
                quantity,
                order.replied_instructions,
                0,
                0,
                order.fills,
            )
            only_lowers = price == order.price_ticks and quantity < order.quantity_lots
            filled_notional = sum(notional for _, notional, _ in order.fills)
            if not only_lowers and self.risk.breaks_a_limit(
                changed,
                leaves,
                filled_notional + price * leaves * instrument.tick_value,
                others,
                is_new=False,
                may_rest=True,
            ):
                reason = RejectReason.RISK_LIMIT
            elif changed.needs > self.available(order.account_id, order.pays) + order.needs:
                reason = RejectReason.INSUFFICIENT_FUNDS
        return reason

    # Money and instruments

    def fund(self, command: Deposit | Withdraw) -> list[Event]:
        key = (command.account_id, command.asset)
        is_deposit = isinstance(command, Deposit)
        reason = None
        if command.account_id not in self.accounts:
            reason = RejectReason.UNKNOWN_ACCOUNT
        elif command.asset not in self.assets:
            reason = RejectReason.UNKNOWN_ASSET
        elif command.amount <= 0:
            reason = RejectReason.INVALID_PARAMETERS
        elif not is_deposit and command.amount > self.available(*key):
            reason = RejectReason.INSUFFICIENT_FUNDS
        if reason is not None:
            return [CommandRejected(reason, "")]
        self.holdings[key] += command.amount if is_deposit else -command.amount
        available = self.available(*key)
        kind = FundsDeposited if is_deposit else FundsWithdrawn
        return [kind(*key, command.amount, command.reference, available, self.holdings[key] - available)]

    def update(self, command: UpdateInstrument, time_ns: int) -> list[Event]:
        old = self.instruments.get(command.symbol)
        if old is None:
            return [CommandRejected(RejectReason.UNKNOWN_INSTRUMENT, "")]
        if old.status is InstrumentStatus.CLOSED:
            return [CommandRejected(RejectReason.INSTRUMENT_CLOSED, "")]
        changes = {
            name: value
            for name, value in msgspec.structs.asdict(command).items()
            if value is not None and name not in ("symbol", "instrument_revision")
        }
        new = msgspec.structs.replace(old, **changes, update_time_ns=time_ns)
        self.instruments[command.symbol] = new
        events: list[Event] = [InstrumentUpdated(new)]
        if new.status is InstrumentStatus.CLOSED:
            resting = [order for order in self.live if order.instrument.symbol == command.symbol]
            events += [
                self.end(order, CancelReason.INSTRUMENT_CLOSED)
                for order in sorted(resting, key=lambda order: order.order_id)
            ]
        return events

    def update_risk_limits(self, command: UpdateRiskLimits) -> list[Event]:
        if command.account_id not in self.accounts:
            return [CommandRejected(RejectReason.UNKNOWN_ACCOUNT, "")]
        for named, known, reason in (
            (command.max_order_quantity, self.instruments, RejectReason.UNKNOWN_INSTRUMENT),
            (command.max_position, self.instruments, RejectReason.UNKNOWN_INSTRUMENT),
            (command.max_order_notional, self.assets, RejectReason.UNKNOWN_ASSET),
            (command.max_daily_loss, self.assets, RejectReason.UNKNOWN_ASSET),
        ):
            for key, amount in (named or {}).items():
                if key not in known:
                    return [CommandRejected(reason, "")]
                if amount <= 0:
                    return [CommandRejected(RejectReason.INVALID_PARAMETERS, "")]
        return [RiskLimitsUpdated(command.account_id, self.risk.update_limits(command))]

    def set_trading_state(self, command: SetTradingState, time_ns: int) -> list[Event]:
        account_id, symbol = command.account_id, command.symbol
        if account_id and symbol:
            return [CommandRejected(RejectReason.INVALID_PARAMETERS, "")]
        if account_id and account_id not in self.accounts:
            return [CommandRejected(RejectReason.UNKNOWN_ACCOUNT, "")]
        if symbol and symbol not in self.instruments:
            return [CommandRejected(RejectReason.UNKNOWN_INSTRUMENT, "")]
        self.risk.states[account_id, symbol] = command.state
        return [
            TradingStateSet(TradingSwitch(account_id, symbol, command.state, command.reason, time_ns)),
            *(self.end(order, CancelReason.KILL_SWITCH) for order in self.risk.ended_by(command, self.live)),
        ]

    def available(self, account_id: str, asset: str) -> int:
        held_back = sum(
            order.needs for order in self.live if (order.account_id, order.pays) == (account_id, asset)
        )
        return self.holdings[account_id, asset] - held_back

    # The book

    def resting(self, symbol: str, side: Side) -> list[Order]:
        """By price and then time."""
        sign = -1 if side is Side.BUY else 1
        orders = [
            order
            for order in self.live
            if order.arrival and order.instrument.symbol == symbol and order.side is side
        ]
        return sorted(orders, key=lambda order: (sign * order.price_ticks, order.arrival))

    def is_prevented(self, order: Order, maker: Order) -> bool:
        """Whether an incoming order shall not trade with a resting one."""
        return order.account_id == maker.account_id and bool(order.instructions.self_trade_prevention)

    def meetings_of(self, order: Order) -> list[tuple[Order, int]]:
        """Who an incoming order meets, and with how many lots."""
        wanted = order.leaves_lots
        meetings = []
        other_side = Side.SELL if order.side is Side.BUY else Side.BUY
        line = [
            (maker, maker.shown_lots, maker.hidden_lots)
            for maker in self.resting(order.instrument.symbol, other_side)
            if self.reaches(order, maker)
        ]
        while wanted and line:
            maker, shown, hidden = line.pop(0)
            if self.is_prevented(order, maker):
                lots = min(wanted, shown + hidden)
                meetings.append((maker, lots))
                rule = order.instructions.self_trade_prevention
                if rule is SelfTradePrevention.DECREMENT:
                    wanted -= lots
                elif rule is not SelfTradePrevention.CANCEL_OLDEST:
                    wanted = 0
                continue
            lots = min(wanted, shown)
            meetings.append((maker, lots))
            wanted -= lots
            if lots == shown and hidden:
                shown = min(hidden, maker.instructions.display_lots)
                behind = sum(1 for other, _, _ in line if other.price_ticks == maker.price_ticks)
                line.insert(behind, (maker, shown, hidden - shown))
        return meetings

    def reaches(self, order: Order, maker: Order) -> bool:
        if order.price_ticks == 0:
            return True
        if order.side is Side.BUY:
            return maker.price_ticks <= order.price_ticks
        return maker.price_ticks >= order.price_ticks

    def meet(
        self, order: Order, meetings: list[tuple[Order, int]], *, is_market: bool, market_needs: int
    ) -> list[Event]:
        """Trade with those that the order meets, or prevent it."""
        events: list[Event] = []
        for maker, lots in meetings:
            if self.is_prevented(order, maker):
                events += self.prevent(maker, order, lots, is_market=is_market, market_needs=market_needs)
            else:
                trade = self.trade(maker, order, lots, is_market=is_market, market_needs=market_needs)
                market_needs = trade.taker_reserved
                events.append(trade)
                maker.shown_lots -= lots
                if maker.leaves_lots and maker.shown_lots == 0:
                    events.append(self.refresh(maker))
        return events

    def prevent(
        self, resting: Order, incoming: Order, lots: int, *, is_market: bool, market_needs: int
    ) -> list[Event]:
        rule = incoming.instructions.self_trade_prevention
        assert rule is not None
        events: list[Event] = [
            TradePrevented(
                incoming.instrument.symbol,
                incoming.account_id,
                incoming.order_id,
                incoming.side,
                resting.order_id,
                resting.price_ticks,
                lots,
                rule,
            )
        ]
        for order in (resting, incoming):
            loses_all = rule is SelfTradePrevention.CANCEL_BOTH or rule is (
                SelfTradePrevention.CANCEL_OLDEST if order is resting else SelfTradePrevention.CANCEL_NEWEST
            )
            if rule is SelfTradePrevention.DECREMENT and lots < order.leaves_lots:
                hidden = order.hidden_lots
                order.quantity_lots -= lots
                if order is resting:
                    order.shown_lots = min(order.shown_lots, order.leaves_lots)
                holds_back = market_needs if is_market and order is incoming else order.needs
                events.append(
                    OrderReduced(
                        order.order_id,
                        order.account_id,
                        order.instrument.symbol,
                        order.side,
                        order.price_ticks,
                        order.quantity_lots,
                        order.leaves_lots,
                        holds_back,
                        lots,
                        order is resting,
                        hidden - order.hidden_lots,
                    )
                )
            elif loses_all or rule is SelfTradePrevention.DECREMENT:
                events.append(self.end(order, CancelReason.SELF_TRADE_PREVENTION))
        return events

    def cost(self, order: Order, fills: list[tuple[Order, int]]) -> int:
        """What a market order's fills take from its account."""
        if order.side is Side.SELL:
            return sum(lots for _, lots in fills) * order.instrument.lot_units
        notional = sum(maker.price_ticks * lots * order.instrument.tick_value for maker, lots in fills)
        return notional + ceil(Fraction(notional * order.instrument.taker_fee_ppm, 1_000_000))

    def trade(
        self, maker: Order, taker: Order, lots: int, *, is_market: bool, market_needs: int
    ) -> TradeExecuted:
        instrument = taker.instrument
        notional = maker.price_ticks * lots * instrument.tick_value
        fees = {}
        for order, rate in (
            (maker, maker.instrument.maker_fee_ppm),
            (taker, taker.instrument.taker_fee_ppm),
        ):
            before = order.fee
            order.fills.append((lots, notional, rate))
            fees[order.order_id] = order.fee - before
            self.risk.filled(order, lots, notional, fees[order.order_id])
            gets = 1 if order.side is Side.BUY else -1
            self.holdings[order.account_id, instrument.base_asset] += gets * lots * instrument.lot_units
            self.holdings[order.account_id, instrument.quote_asset] -= gets * notional
            self.holdings[order.account_id, instrument.quote_asset] -= fees[order.order_id]
            if order.leaves_lots == 0:
                self.live.remove(order)
                self.ended[order.order_id] = order.account_id
        taker_needs = taker.needs if taker.leaves_lots else 0
        if is_market and taker.side is Side.BUY:
            taker_needs = market_needs - notional - fees[taker.order_id]
        elif is_market:
            taker_needs = market_needs - lots * instrument.lot_units
        self.trades += 1
        self.last_price[instrument.symbol] = maker.price_ticks
        return TradeExecuted(
            trade_id=self.trades,
            symbol=instrument.symbol,
            price_ticks=maker.price_ticks,
            quantity_lots=lots,
            notional=notional,
            taker_side=taker.side,
            maker_order_id=maker.order_id,
            maker_account_id=maker.account_id,
            maker_fee=fees[maker.order_id],
            maker_leaves_lots=maker.leaves_lots,
            maker_reserved=maker.needs if maker.leaves_lots else 0,
            taker_order_id=taker.order_id,
            taker_account_id=taker.account_id,
            taker_fee=fees[taker.order_id],
            taker_leaves_lots=taker.leaves_lots,
            taker_reserved=taker_needs,
        )

    def rest(self, order: Order) -> OrderRested:
        self.show(order)
        return OrderRested(
            order.order_id,
            order.account_id,
            order.instrument.symbol,
            order.side,
            order.price_ticks,
            order.leaves_lots,
            order.hidden_lots,
        )

    def show(self, order: Order) -> None:
        """Let the order join the back of its queue, with as much as it wants to show."""
        self.arrivals += 1
        order.arrival = self.arrivals
        order.shown_lots = min(order.leaves_lots, order.instructions.display_lots or order.leaves_lots)

    def refresh(self, order: Order) -> OrderRefreshed:
        self.show(order)
        return OrderRefreshed(
            order.order_id,
            order.account_id,
            order.instrument.symbol,
            order.side,
            order.price_ticks,
            order.leaves_lots,
            order.hidden_lots,
        )

    def end(self, order: Order, reason: CancelReason) -> OrderCanceled:
        self.live.remove(order)
        self.ended[order.order_id] = order.account_id
        return OrderCanceled(
            order.order_id,
            order.account_id,
            order.instrument.symbol,
            order.side,
            order.price_ticks,
            order.leaves_lots,
            was_resting=order.arrival > 0,
            reason=reason,
            hidden_lots=order.hidden_lots,
        )

    def find(self, command: CancelOrder | ReplaceOrder) -> Order | RejectReason:
        order_id = command.order_id or self.client_order_ids.get(
            (command.account_id, command.client_order_id), 0
        )
        for order in self.live:
            if order.order_id == order_id and order.account_id == command.account_id:
                return order
        if command.account_id not in self.accounts:
            return RejectReason.UNKNOWN_ACCOUNT
        if self.ended.get(order_id) == command.account_id:
            return RejectReason.ORDER_ENDED
        return RejectReason.UNKNOWN_ORDER

    def accepted(
        self, command: PlaceOrder, order_id: int, instrument: Instrument | None, reserved: int
    ) -> OrderAccepted:
        assert instrument is not None
        return OrderAccepted(
            order_id,
            command.account_id,
            command.client_order_id,
            command.symbol,
            command.side,
            command.order_type,
            command.time_in_force,
            command.quantity_lots,
            command.price_ticks,
            reserved,
            instrument.maker_fee_ppm,
            instrument.taker_fee_ppm,
            command.instructions,
        )

    def rejected(self, command: PlaceOrder, order_id: int, reason: RejectReason) -> OrderRejected:
        return OrderRejected(
            order_id,
            command.account_id,
            command.client_order_id,
            command.symbol,
            command.side,
            command.order_type,
            command.time_in_force,
            command.quantity_lots,
            command.price_ticks,
            reason,
            "",
            command.instructions,
        )
