"""A replay straight into the domain: the same steps and the same comparison, without a server or a journal.

It drives the exchange as the sequencer does, one command after the other: decide, then apply each event. The
clock is the recording's.
"""

from collections.abc import Callable
from time import perf_counter

from markethall_common.decimals import format_decimal, parse_unscaled
from markethall_engine.domain.commands import (
    CancelOrder,
    CreateAccount,
    CreateAsset,
    CreateInstrument,
    Deposit,
    PlaceOrder,
    ReplaceOrder,
)
from markethall_engine.domain.commands import Command as DomainCommand
from markethall_engine.domain.decision import Duplicate
from markethall_engine.domain.events import (
    CancelRejected,
    CommandRejected,
    Event,
    OrderRejected,
    ReplaceRejected,
    TradeExecuted,
)
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.instrument import Step as Increment
from markethall_engine.domain.order import OrderType, TimeInForce
from markethall_engine.domain.order import Side as OrderSide
from markethall_protos.v1 import Depth, Level
from tools.local_venue.demonstration import USD_SCALE
from tools.recorded_flow.market import MAKERS, TAKERS, Market
from tools.recorded_flow.messages import Fund, Funding
from tools.recorded_flow.reconstruction import Reconstruction
from tools.recorded_flow.recording import Levels, Recording, Side
from tools.recorded_flow.replay import KEPT_REFUSALS, Outcome, Refusal
from tools.recorded_flow.steps import Cancel, Command, Place, Reduce, Take
from tools.recorded_flow.verification import VenueFill, Verification

_SIDES = {Side.BUY: OrderSide.BUY, Side.SELL: OrderSide.SELL}
_REFUSALS = (CancelRejected, CommandRejected, OrderRejected, ReplaceRejected)
_PROGRESS_EVERY = 1_000


class DomainReplay:
    """One replay into an exchange of its own; also the exchange's book, in the recording's units."""

    def __init__(self, recording: Recording, *, quote_asset: str, verify: bool) -> None:
        self.exchange = Exchange()
        self._recording = recording
        self._verify = verify
        symbol = recording.symbol
        self._market = Market(symbol, symbol.split("-")[0], quote_asset, recording.scales, run="")
        self._asset_scales: dict[str, int] = {}
        self._time_ns = 0
        self._names: dict[int, str] = {}
        self._makers: dict[int, str] = {}
        self._outcome = Outcome()

    def run(self, on_progress: Callable[[int], None]) -> Outcome:
        """Send everything, and tell `on_progress` how many events are behind us."""
        self._open_market()
        verification = Verification(self, visible_levels=self._recording.depth) if self._verify else None
        funding = Funding(self._market)
        started, reported = perf_counter(), 0
        for step in Reconstruction(self._recording).steps():
            self._time_ns = self._recording.events[step.events.start].time_ns
            for command in step.commands:
                fund = funding.before(command, step)
                if fund is not None:
                    self._send(fund)
                before = _BookBefore(self) if verification is not None and step.rows_inside else self
                fills = self._send(command)
                if verification is not None:
                    verification.see(step, command.name, fills, before)
            if verification is not None:
                verification.finish(step)
            if step.events.stop - reported >= _PROGRESS_EVERY:
                reported = step.events.stop
                on_progress(reported)
        self._outcome.duration_s = perf_counter() - started
        on_progress(len(self._recording.events))
        if verification is not None:
            verification.conclude(self._makers)
            self._outcome.evidence = verification.evidence
        bids, asks = (self._texts(self.top(side, self._recording.depth)) for side in Side)
        self._outcome.final_book = Depth(symbol=self._market.symbol, bids=bids, asks=asks)
        return self._outcome

    def top(self, side: Side, depth: int | None) -> Levels:
        """The best `depth` levels, or all, best first."""
        tick, lot = self._recording.tick, self._recording.lot
        levels = self.exchange.levels(self._market.symbol, _SIDES[side], depth)
        return tuple((level.price_ticks * tick, level.quantity_lots * lot) for level in levels)

    def _open_market(self) -> None:
        """Create the assets, the instrument without fees, and the accounts."""
        recording, market, scales = self._recording, self._market, self._recording.scales
        lot, lot_scale = parse_unscaled(format_decimal(recording.lot, scales.quantity))
        tick, tick_scale = parse_unscaled(format_decimal(recording.tick, scales.price))
        quote_scale = max(USD_SCALE, tick_scale + lot_scale)
        self._asset_scales = {market.base_asset: lot_scale, market.quote_asset: quote_scale}
        for asset, scale in self._asset_scales.items():
            self._execute(CreateAsset(asset, scale))
        self._execute(
            CreateInstrument(
                market.symbol,
                market.base_asset,
                market.quote_asset,
                Increment(tick, tick_scale),
                Increment(lot, lot_scale),
                min_quantity_lots=1,
                max_quantity_lots=0,
                price_band_ppm=0,
                maker_fee_ppm=0,
                taker_fee_ppm=0,
            )
        )
        for account_id in (MAKERS, TAKERS):
            self._execute(CreateAccount(account_id))

    def _send(self, command: Command | Fund) -> list[VenueFill]:
        """Execute one command, count it, and give its fills."""
        events = self._execute(self._domain_command(command))
        if isinstance(events[0], _REFUSALS):
            self._outcome.refusal_count += 1
            if len(self._outcome.refusals) < KEPT_REFUSALS:
                reason = f"{events[0].reason.name}: {events[0].detail}"
                self._outcome.refusals.append(Refusal(command, reason))
            return []
        self._outcome.commands[type(command).__name__] += 1
        if isinstance(command, Place):
            self._names[self.exchange.sequence] = command.name
        tick, lot = self._recording.tick, self._recording.lot
        fills = []
        for event in events:
            if isinstance(event, TradeExecuted):
                name = self._names.get(event.maker_order_id)
                if name is not None:
                    self._makers[event.trade_id] = name
                fills.append(VenueFill(event.trade_id, event.price_ticks * tick, event.quantity_lots * lot))
        self._outcome.trade_count += len(fills)
        return fills

    def _execute(self, command: DomainCommand) -> list[Event]:
        sequence = self.exchange.sequence + 1
        decision = self.exchange.decide(command, sequence, self._time_ns)
        assert not isinstance(decision, Duplicate), "every name is used once"
        for event in decision:
            self.exchange.apply(event, sequence, self._time_ns)
        return decision

    def _domain_command(self, command: Command | Fund) -> DomainCommand:
        match command:
            case Place(name, side, price, quantity):
                return self._order(MAKERS, name, side, quantity, price, TimeInForce.GTC)
            case Take(name, side, limit, quantity):
                return self._order(TAKERS, name, side, quantity, limit, TimeInForce.IOC)
            case Cancel(name):
                return CancelOrder(MAKERS, client_order_id=name)
            case Reduce(name, quantity):
                lots = quantity // self._recording.lot
                return ReplaceOrder(MAKERS, 1, client_order_id=name, quantity_lots=lots)
            case Fund(account_id, asset, amount):
                return Deposit(account_id, asset, int(amount) * 10 ** self._asset_scales[asset])

    def _order(
        self,
        account_id: str,
        name: str,
        side: Side,
        quantity: int,
        price: int | None,
        time_in_force: TimeInForce,
    ) -> PlaceOrder:
        return PlaceOrder(
            account_id=account_id,
            client_order_id=name,
            symbol=self._market.symbol,
            instrument_revision=1,
            side=_SIDES[side],
            order_type=OrderType.MARKET if price is None else OrderType.LIMIT,
            time_in_force=time_in_force,
            quantity_lots=quantity // self._recording.lot,
            price_ticks=0 if price is None else price // self._recording.tick,
        )

    def _texts(self, levels: Levels) -> list[Level]:
        scales = self._recording.scales
        return [
            Level(
                price=format_decimal(price, scales.price), quantity=format_decimal(quantity, scales.quantity)
            )
            for price, quantity in levels
        ]


class _BookBefore:
    """The book as it was, while the replay goes on."""

    def __init__(self, replay: DomainReplay) -> None:
        self._sides = (replay.top(Side.BUY, None), replay.top(Side.SELL, None))

    def top(self, side: Side, depth: int) -> Levels:
        return self._sides[side][:depth]
