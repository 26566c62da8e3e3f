"""What an account holds and what it is worth."""

from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.instrument import Instrument
from markethall_engine.domain.ledger.records import BalanceRecord, PositionRecord
from markethall_engine.rpc.translate.accounts import unknown_account
from markethall_engine.rpc.translate.funds import Funds
from markethall_engine.rpc.translate.quotation import Quotations, half_to_even
from markethall_protos import v1


class Portfolios:
    """Writes balances, positions and equity as they are now.

    What is read here is to be given when it is durable: ask through `Queries`. Methods that take an account
    id raise `NotFound` for an unknown one.
    """

    def __init__(self, exchange: Exchange, quotations: Quotations, funds: Funds) -> None:
        self._exchange = exchange
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

    def portfolio(self, account_id: str) -> v1.Portfolio:
        return v1.Portfolio(
            account_id=account_id,
            balances=self.balances(account_id),
            positions=self.positions(account_id),
            equities=self._equities(account_id),
            sequence=self._exchange.sequence,
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

    def _equities(self, account_id: str) -> list[v1.Equity]:
        """What the account is worth in each quote asset that it holds or holds something against.

        A holding that trades against one quote asset on several instruments counts once, at the last price
        of the first of them, by symbol, that has one.
        """
        held = {balance.asset: balance.available + balance.reserved for balance in self._held(account_id)}
        by_symbol = sorted(self._exchange.instruments(), key=lambda instrument: instrument.symbol)
        quotes = {instrument.quote_asset for instrument in by_symbol}
        equities = {quote: held[quote] for quote in quotes & held.keys()}
        counted: set[tuple[str, str]] = set()
        for instrument in by_symbol:
            pair = (instrument.base_asset, instrument.quote_asset)
            if instrument.base_asset not in held:
                continue
            equities.setdefault(instrument.quote_asset, 0)
            price_ticks = self._exchange.last_price_ticks(instrument.symbol)
            if price_ticks and pair not in counted:
                counted.add(pair)
                equities[instrument.quote_asset] += _worth(
                    held[instrument.base_asset], price_ticks, instrument
                )
        return [
            v1.Equity(asset=quote, equity=self._funds.amount(quote, equities[quote]))
            for quote in sorted(equities)
        ]


def _worth(base_units: int, price_ticks: int, instrument: Instrument) -> int:
    """What a holding comes to in quote minor units, a part of a lot included; rounded half to even."""
    return half_to_even(base_units * price_ticks * instrument.tick_value, instrument.lot_units)
