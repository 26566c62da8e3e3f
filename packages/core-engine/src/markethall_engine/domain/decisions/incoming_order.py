"""An order on its way through the book: what each meeting does to it and to the order that it meets."""

from typing import Final

import msgspec

from markethall_engine.domain.careful_matching import next_hidden_lots
from markethall_engine.domain.decisions.canceling import live_order_canceled
from markethall_engine.domain.decisions.reducing import resting_order_reduced
from markethall_engine.domain.events import (
    Event,
    OrderCanceled,
    OrderReduced,
    OrderRefreshed,
    TradeExecuted,
    TradePrevented,
)
from markethall_engine.domain.instructions import SelfTradePrevention
from markethall_engine.domain.instrument import Instrument
from markethall_engine.domain.ledger.fees import fee_credit_after, fee_due
from markethall_engine.domain.ledger.reservation import limit_reservation
from markethall_engine.domain.live_order import LiveOrder
from markethall_engine.domain.matches import Cancellation, Fill, Match, Prevention, Reduction
from markethall_engine.domain.order import Side
from markethall_engine.domain.reasons import CancelReason

_BUY: Final = Side.BUY
_CANCEL_NEWEST: Final = SelfTradePrevention.CANCEL_NEWEST
_CANCEL_OLDEST: Final = SelfTradePrevention.CANCEL_OLDEST
_DECREMENT: Final = SelfTradePrevention.DECREMENT


class IncomingOrder:
    """The taker's side of a plan of matches; it counts down as they are worked off."""

    __slots__ = (
        "_met",
        "account_id",
        "fee_credit",
        "leaves_lots",
        "maker_fee_ppm",
        "order_id",
        "price_ticks",
        "quantity_lots",
        "reserved",
        "side",
        "taker_fee_ppm",
    )

    def __init__(
        self,
        *,
        order_id: int,
        account_id: str,
        side: Side,
        price_ticks: int,
        quantity_lots: int,
        leaves_lots: int,
        reserved: int,
        fee_credit: int,
        maker_fee_ppm: int,
        taker_fee_ppm: int,
    ) -> None:
        self.order_id = order_id
        self.account_id = account_id
        self.side = side
        self.price_ticks = price_ticks  # the limit; 0 for a market order
        self.quantity_lots = quantity_lots  # filled before included
        self.leaves_lots = leaves_lots
        self.reserved = reserved
        self.fee_credit = fee_credit
        self.maker_fee_ppm = maker_fee_ppm
        self.taker_fee_ppm = taker_fee_ppm
        # Leaves, hidden leaves and fee credit of orders that were met and may be met again, by order id.
        self._met: dict[int, tuple[int, int, int]] | None = None

    def meet(self, matches: list[Match], instrument: Instrument, trade_id: int) -> list[Event]:
        """Work off a plan of matches, in its order; trades are numbered from `trade_id`."""
        events: list[Event] = []
        for match in matches:
            if isinstance(match, Fill):
                maker = match.maker
                if maker.hidden_lots or self._met is not None:
                    events += self._trade_with_care(match, instrument, trade_id)
                else:
                    events.append(
                        self._trade(match, instrument, trade_id, maker.leaves_lots, maker.fee_credit)
                    )
                trade_id += 1
            elif isinstance(match, Prevention):
                events += self._prevent(match, instrument)
            elif isinstance(match, Reduction):
                events.append(self._reduce(match, instrument))
            else:
                events.append(self._cancel(match))
        return events

    def _trade_with_care(self, fill: Fill, instrument: Instrument, trade_id: int) -> list[Event]:
        """What one fill does to both sides, where the maker may be met more than once."""
        maker, quantity_lots = fill.maker, fill.quantity_lots
        leaves_lots, hidden_lots, fee_credit = self._as_met(maker)
        trade = self._trade(fill, instrument, trade_id, leaves_lots, fee_credit)
        events: list[Event] = [trade]
        leaves_lots -= quantity_lots
        fee_credit = fee_credit_after(trade.notional, maker.terms.maker_fee_ppm, fee_credit, trade.maker_fee)
        if hidden_lots and leaves_lots == hidden_lots:
            hidden_lots = next_hidden_lots(maker, leaves_lots)
            events.append(
                OrderRefreshed(
                    order_id=maker.order_id,
                    account_id=maker.account_id,
                    symbol=maker.symbol,
                    side=maker.side,
                    price_ticks=maker.price_ticks,
                    leaves_lots=leaves_lots,
                    hidden_lots=hidden_lots,
                )
            )
        self._remember(maker, leaves_lots, hidden_lots, fee_credit)
        return events

    def _reduce(self, reduction: Reduction, instrument: Instrument) -> OrderReduced:
        """What a reduce-only order loses before it is met."""
        order, lots = reduction
        self._remember(order, order.leaves_lots - lots, 0, order.fee_credit)
        return resting_order_reduced(order, instrument, lots)

    def _cancel(self, cancellation: Cancellation) -> OrderCanceled:
        """What ends an order that what happened before keeps from being met."""
        order, reason = cancellation
        leaves_lots, hidden_lots, _ = self._as_met(order)
        canceled = live_order_canceled(order, reason)
        if leaves_lots == order.leaves_lots:
            return canceled
        return msgspec.structs.replace(canceled, canceled_lots=leaves_lots, hidden_lots=hidden_lots)

    def _as_met(self, order: LiveOrder) -> tuple[int, int, int]:
        """Leaves, hidden leaves and fee credit of a live order after what happened to it so far."""
        as_it_was = (order.leaves_lots, order.hidden_lots, order.fee_credit)
        return as_it_was if self._met is None else self._met.get(order.order_id, as_it_was)

    def _remember(self, order: LiveOrder, leaves_lots: int, hidden_lots: int, fee_credit: int) -> None:
        if self._met is None:
            self._met = {}
        self._met[order.order_id] = (leaves_lots, hidden_lots, fee_credit)

    def _trade(
        self, fill: Fill, instrument: Instrument, trade_id: int, leaves_lots: int, fee_credit: int
    ) -> TradeExecuted:
        """What one fill does to both sides; the maker has these leaves and this fee credit before it."""
        maker, quantity_lots = fill.maker, fill.quantity_lots
        price_ticks = maker.price_ticks
        notional = price_ticks * quantity_lots * instrument.tick_value

        maker_leaves_lots = leaves_lots - quantity_lots
        maker_fee_ppm = maker.terms.maker_fee_ppm
        maker_fee = fee_due(notional, maker_fee_ppm, fee_credit)
        maker_reserved = 0
        if maker_leaves_lots:
            maker_reserved = limit_reservation(
                instrument,
                side=maker.side,
                price_ticks=price_ticks,
                leaves_lots=maker_leaves_lots,
                highest_fee_ppm=maker.highest_fee_ppm(),
                fee_credit=fee_credit_after(notional, maker_fee_ppm, fee_credit, maker_fee),
            )
        taker_fee = self._fill(instrument, quantity_lots, notional)

        # By position: names cost four times as much, and this is on the path of every trade.
        return TradeExecuted(
            trade_id,
            instrument.symbol,
            price_ticks,
            quantity_lots,
            notional,
            self.side,
            maker.order_id,
            maker.account_id,
            maker_fee,
            maker_leaves_lots,
            maker_reserved,
            self.order_id,
            self.account_id,
            taker_fee,
            self.leaves_lots,
            self.reserved,
        )

    def _fill(self, instrument: Instrument, quantity_lots: int, notional: int) -> int:
        """Count the fill down; gives its fee."""
        fee = fee_due(notional, self.taker_fee_ppm, self.fee_credit)
        self.fee_credit = fee_credit_after(notional, self.taker_fee_ppm, self.fee_credit, fee)
        self.leaves_lots -= quantity_lots
        if self.side is not _BUY:
            self.reserved -= quantity_lots * instrument.lot_units
        elif self.price_ticks == 0:
            self.reserved -= notional + fee
        elif self.leaves_lots == 0:
            self.reserved = 0
        else:
            self.reserved = self._limit_reservation(instrument)
        return fee

    def _limit_reservation(self, instrument: Instrument) -> int:
        return limit_reservation(
            instrument,
            side=self.side,
            price_ticks=self.price_ticks,
            leaves_lots=self.leaves_lots,
            highest_fee_ppm=max(self.maker_fee_ppm, self.taker_fee_ppm),
            fee_credit=self.fee_credit,
        )

    def _prevent(self, prevention: Prevention, instrument: Instrument) -> list[Event]:
        """What self-trade prevention does to both sides instead of a trade; the resting one goes first."""
        resting, lots, rule = prevention
        events: list[Event] = [
            TradePrevented(
                symbol=instrument.symbol,
                account_id=self.account_id,
                incoming_order_id=self.order_id,
                incoming_side=self.side,
                resting_order_id=resting.order_id,
                price_ticks=resting.price_ticks,
                quantity_lots=lots,
                self_trade_prevention=rule,
                resting_account_id="" if resting.account_id == self.account_id else resting.account_id,
            )
        ]
        resting_is_left = rule is _CANCEL_NEWEST or (rule is _DECREMENT and lots < resting.leaves_lots)
        if not resting_is_left:
            events.append(live_order_canceled(resting, CancelReason.SELF_TRADE_PREVENTION))
        elif rule is _DECREMENT:
            events.append(resting_order_reduced(resting, instrument, lots))
        if rule is _DECREMENT and lots < self.leaves_lots:
            events.append(self._reduced(instrument, lots))
        elif rule is not _CANCEL_OLDEST:
            events.append(self._canceled(instrument))
        return events

    def _reduced(self, instrument: Instrument, lots: int) -> OrderReduced:
        self.quantity_lots -= lots
        self.leaves_lots -= lots
        if self.price_ticks:  # what a market order holds back is for its fills alone
            self.reserved = self._limit_reservation(instrument)
        return OrderReduced(
            order_id=self.order_id,
            account_id=self.account_id,
            symbol=instrument.symbol,
            side=self.side,
            price_ticks=self.price_ticks,
            quantity_lots=self.quantity_lots,
            leaves_lots=self.leaves_lots,
            reserved=self.reserved,
            reduced_lots=lots,
            was_resting=False,
        )

    def _canceled(self, instrument: Instrument) -> OrderCanceled:
        canceled_lots, self.leaves_lots = self.leaves_lots, 0
        return OrderCanceled(
            order_id=self.order_id,
            account_id=self.account_id,
            symbol=instrument.symbol,
            side=self.side,
            price_ticks=self.price_ticks,
            canceled_lots=canceled_lots,
            was_resting=False,
            reason=CancelReason.SELF_TRADE_PREVENTION,
        )
