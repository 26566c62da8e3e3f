"""All switches that were ever set; what has none is ACTIVE."""

from collections.abc import Iterator

from markethall_engine.domain.account import Account
from markethall_engine.domain.risk.trading_switch import TradingState, TradingSwitch


class TradingSwitches:
    """Switches by account id and symbol, of which one or both are empty; only `transitions` writes to it."""

    __slots__ = ("_switches", "stopped")

    def __init__(self) -> None:
        self._switches: dict[tuple[str, str], TradingSwitch] = {}
        self.stopped = 0
        """How many are not ACTIVE; at 0, as it mostly is, there is nothing to check."""

    def __iter__(self) -> Iterator[TradingSwitch]:
        """Every switch, in the order in which they were first set."""
        return iter(self._switches.values())

    def find(self, account_id: str, symbol: str) -> TradingSwitch | None:
        """The switch of an account, of an instrument, or of the venue if both are empty."""
        return self._switches.get((account_id, symbol))

    def stopping(self, account: Account, symbol: str) -> list[TradingSwitch]:
        """Those not ACTIVE that an order has to pass: the venue's, the instrument's, the account's.

        Before the account's comes its parent's, if it has one.
        """
        keys = [("", ""), ("", symbol), (account.account_id, "")]
        if account.parent_account_id:
            keys.insert(2, (account.parent_account_id, ""))
        found = [self._switches.get(key) for key in keys]
        return [switch for switch in found if switch is not None and switch.state is not TradingState.ACTIVE]

    def set(self, switch: TradingSwitch) -> None:
        key = (switch.account_id, switch.symbol)
        before = self._switches.get(key)
        if before is not None and before.state is not TradingState.ACTIVE:
            self.stopped -= 1
        if switch.state is not TradingState.ACTIVE:
            self.stopped += 1
        self._switches[key] = switch
