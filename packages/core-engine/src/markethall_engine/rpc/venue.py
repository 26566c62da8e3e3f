"""The running engine as the services see it."""

from collections.abc import Callable

from markethall_common.clock import Clock
from markethall_engine.application.feed import Feed
from markethall_engine.application.market_streams import MarketStreams
from markethall_engine.application.ports import JournalReader
from markethall_engine.application.queries import Queries
from markethall_engine.application.recovery import Recovery
from markethall_engine.application.sequencer import Sequencer
from markethall_engine.application.sessions import Sessions
from markethall_engine.application.streams import Streams
from markethall_engine.domain.instrument import Instrument
from markethall_engine.rpc.account_past import AccountPast
from markethall_engine.rpc.commands import Commands
from markethall_engine.rpc.fills import AccountFill
from markethall_engine.rpc.messages import Messages
from markethall_engine.rpc.portfolio_stream import PortfolioStreams
from markethall_engine.rpc.translate.accounts import AccountIds
from markethall_engine.rpc.translate.funds import Funds
from markethall_engine.rpc.translate.orders import OrderMessages
from markethall_engine.rpc.translate.portfolio import Portfolios
from markethall_engine.rpc.translate.quotation import Quotations
from markethall_engine.rpc.translate.risk_limits import RiskLimitMessages
from markethall_engine.rpc.translate.trading_states import TradingStates
from markethall_protos import v1


class Venue:
    """What recovery has brought back to life, with the words to speak of it."""

    def __init__(
        self,
        recovery: Recovery,
        sequencer: Sequencer,
        journal: JournalReader,
        queries: Queries,
        streams: Streams,
        feed: Feed,
        sessions: Sessions,
        clock: Clock,
        *,
        snapshot_sequence: Callable[[], int],
        default_account_id: str,
    ) -> None:
        """`snapshot_sequence` gives the newest snapshot's sequence, 0 for none."""
        state = recovery.state
        exchange = self.exchange = state.exchange
        self.recovery = recovery
        self.snapshot_sequence = snapshot_sequence
        self.sequencer = sequencer
        self.journal = journal
        self.history = state.account_history
        self.equity_history = state.equity_history
        self.market_data = state.market_data
        self.streams = streams
        self.market_streams = MarketStreams(feed, queries, clock)
        self.sessions = sessions
        self.queries = queries
        self.past = AccountPast(state.account_history, journal)
        self.account_ids = AccountIds(default_account_id)
        self.quotations = Quotations(exchange)
        self.order_messages = OrderMessages(self.quotations)
        self.funds = Funds(exchange)
        self.risk_limits = RiskLimitMessages(exchange)
        self.trading_states = TradingStates(exchange)
        self.portfolios = Portfolios(exchange, state.equity_history, self.quotations, self.funds)
        self.portfolio_streams = PortfolioStreams(feed, queries, self.portfolios, clock)
        self.commands = Commands(
            exchange,
            sequencer,
            quotations=self.quotations,
            funds=self.funds,
            account_ids=self.account_ids,
            clock=clock,
            risk_limits=self.risk_limits,
            trading_states=self.trading_states,
        )
        self.messages = Messages(self.commands, sequencer)

    def instrument(self, symbol: str) -> Instrument:
        """An instrument that exists."""
        instrument = self.exchange.instrument(symbol)
        assert instrument is not None, "what traded is an instrument"
        return instrument

    def fill_message(self, fill: AccountFill) -> v1.Fill:
        order = self.exchange.order(fill.order_id)
        assert order is not None, "what traded is an order"
        return self.order_messages.fill(fill.trade, order, fill.place.sequence, fill.time_ns)
