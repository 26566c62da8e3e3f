"""What an account holds and what it is worth."""

from functools import partial
from typing import Final, NamedTuple

from markethall_engine.application.equity_history import EquityHistory, EquityPoint
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.ledger.equity import equities
from markethall_engine.domain.ledger.records import BalanceRecord, PositionRecord
from markethall_engine.domain.margin import MarginStatus
from markethall_engine.rpc.translate.accounts import unknown_account
from markethall_engine.rpc.translate.funds import Funds
from markethall_engine.rpc.translate.quotation import Quotations
from markethall_engine.rpc.translate.times import timestamp
from markethall_protos import v1

_DAY_NS: Final = 86_400 * 1_000_000_000


class Portfolios:
    """Writes balances, positions and equity as they are now.

    What is read here is to be given when it is durable: ask through `Queries`. Methods that take an account
    id raise `NotFound` for an unknown one.
    """

    def __init__(
        self, exchange: Exchange, equity_history: EquityHistory, quotations: Quotations, funds: Funds
    ) -> None:
        self._exchange = exchange
        self._equity_history = equity_history
        self._quotations = quotations
        self._funds = funds

    def balances(self, account_id: str) -> list[v1.Balance]:
        return [self._funds.balance(balance) for balance in self._held(account_id)]

    def positions(self, account_id: str, symbol: str = "") -> list[v1.Position]:
        """Those of one instrument, or of all where `symbol` is empty."""
        self._check_account(account_id)
        return [
            self._position(position)
            for position in self._exchange.positions(account_id)
            if symbol in ("", position.symbol)
        ]

    def portfolio(self, account_id: str) -> "PortfolioReading":
        return PortfolioReading(
            v1.Portfolio(
                account_id=account_id,
                balances=self.balances(account_id),
                positions=self.positions(account_id),
                sequence=self._exchange.sequence,
                margins=[self._margin(status) for status in self._exchange.margin_statuses(account_id)],
            ),
            self._equities(account_id),
            self._exchange.time_ns,
        )

    def symbols(self, account_id: str) -> set[str]:
        """The instruments whose last price counts for what the account has."""
        held = {balance.asset for balance in self._held(account_id)}
        traded = {
            instrument.symbol for instrument in self._exchange.instruments() if instrument.base_asset in held
        }
        positions = self._exchange.positions(account_id)
        return traded | {position.symbol for position in positions if position.quantity_lots}

    def _margin(self, status: MarginStatus) -> v1.MarginStatus:
        amount = partial(self._funds.amount, status.asset)
        return v1.MarginStatus(
            asset=status.asset,
            equity=amount(status.equity),
            exposure=amount(status.exposure),
            exposure_with_orders=amount(status.exposure_with_orders),
            initial_requirement=amount(status.initial_requirement),
            maintenance_requirement=amount(status.maintenance_requirement),
        )

    def with_equities(self, reading: "PortfolioReading", time_ns: int) -> v1.Portfolio:
        """The portfolio at `time_ns` with its equities and how they changed since that day began.

        To be asked once the reading is durable: the history then has all that was before it.
        """
        day = max(time_ns, reading.time_ns)
        at_midnight = self._equity_history.equities(reading.portfolio.account_id, day - day % _DAY_NS)
        portfolio = reading.portfolio
        portfolio.equities = [
            self._equity(quote, equity, equity - at_midnight.get(quote, 0))
            for quote, equity in sorted(reading.equities.items())
        ]
        return portfolio

    def equity_point(self, point: EquityPoint) -> v1.EquityPoint:
        return v1.EquityPoint(
            time=timestamp(point.time_ns),
            equities=[self._equity(quote, equity) for quote, equity in sorted(point.equities.items())],
        )

    def _held(self, account_id: str) -> list[BalanceRecord]:
        """Every balance that is not nothing."""
        self._check_account(account_id)
        balances = self._exchange.balances(account_id)
        return [balance for balance in balances if balance.available or balance.reserved]

    def _check_account(self, account_id: str) -> None:
        if self._exchange.account(account_id) is None:
            raise unknown_account(account_id)

    def _position(self, position: PositionRecord) -> v1.Position:
        quotation = self._quotations.of(position.symbol)
        mark_value = self._exchange.last_price_ticks(position.symbol) * quotation.instrument.tick_value
        return v1.Position(
            symbol=position.symbol,
            quantity=quotation.quantity(position.quantity_lots),
            cost=quotation.money(position.cost),
            average_price=quotation.average_price(position.cost, position.quantity_lots),
            realized_pnl=quotation.money(position.realized_pnl),
            unrealized_pnl=quotation.money(position.unrealized_pnl(mark_value)),
            fees=quotation.money(position.fees_paid),
        )

    def _equities(self, account_id: str) -> dict[str, int]:
        instruments = self._exchange.instruments()
        tick_values = {instrument.symbol: instrument.tick_value for instrument in instruments}
        return equities(
            {balance.asset: balance.available + balance.reserved for balance in self._held(account_id)},
            sorted(instruments, key=lambda instrument: instrument.symbol),
            lambda symbol: self._exchange.last_price_ticks(symbol) * tick_values[symbol],
        )

    def _equity(self, quote: str, equity: int, day_change: int | None = None) -> v1.Equity:
        return v1.Equity(
            asset=quote,
            equity=self._funds.amount(quote, equity),
            day_change="" if day_change is None else self._funds.amount(quote, day_change),
        )


class PortfolioReading(NamedTuple):
    """What was read of an account at one moment, before its equities are written."""

    portfolio: v1.Portfolio
    equities: dict[str, int]
    """In minor units of each quote asset."""
    time_ns: int
    """Of the newest command that it reflects."""
