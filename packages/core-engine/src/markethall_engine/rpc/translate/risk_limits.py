"""Risk limits: requests to change and to get them, and limits as they are."""

from collections.abc import Callable
from functools import partial

from markethall_common.decimals import format_decimal, parse_decimal
from markethall_engine.application.record import Record
from markethall_engine.domain.commands import UpdateRiskLimits
from markethall_engine.domain.events import RiskLimitsUpdated
from markethall_engine.domain.exchange import Exchange
from markethall_engine.domain.risk.limits import RiskLimits
from markethall_engine.rpc.translate.accounts import read_account_id, unknown_account
from markethall_engine.rpc.translate.faults import Faults
from markethall_engine.rpc.translate.refusals import refusal_of
from markethall_engine.rpc.translate.update_masks import read_changes
from markethall_protos import v1

_FIELDS = RiskLimits.__struct_fields__


class RiskLimitMessages:
    """Reads and writes limits, each amount in the decimal places of its asset."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def update_risk_limits(self, request: v1.UpdateRiskLimitsRequest) -> UpdateRiskLimits:
        """Read the fields that the mask names, or where it names none, each field that is set.

        Each is replaced as a whole, a map too; one that the mask names and that is not set is no limit.
        """
        faults = Faults()
        account_id = read_account_id(request.account_id, faults)
        asked, named = read_changes("risk_limits", request.risk_limits, request.update_mask, _FIELDS, faults)

        def amounts(field: str, scale_of: Callable[[str], int | None], kind: str) -> dict[str, int] | None:
            if field not in named:
                return None
            return _read_amounts(getattr(asked, field), f"risk_limits.{field}", scale_of, kind, faults)

        def count(field: str) -> int | None:
            value: int = getattr(asked, field)
            if value < 0:
                faults.expected(f"risk_limits.{field}", "a count, or 0 for no limit", str(value))
            return value if field in named else None

        command = UpdateRiskLimits(
            account_id,
            max_order_quantity=amounts("max_order_quantity", self._base_scale, "a symbol"),
            max_order_notional=amounts("max_order_notional", self._scale, "an asset"),
            max_position=amounts("max_position", self._base_scale, "a symbol"),
            max_open_orders=count("max_open_orders"),
            max_orders_per_second=count("max_orders_per_second"),
            max_daily_loss=amounts("max_daily_loss", self._scale, "an asset"),
        )
        faults.check()
        return command

    def updated(self, record: Record) -> v1.UpdateRiskLimitsResponse:
        event = record.events[0]
        if not isinstance(event, RiskLimitsUpdated):
            raise refusal_of(record)
        return v1.UpdateRiskLimitsResponse(risk_limits=self._message(event.limits), sequence=record.sequence)

    def risk_limits(self, request: v1.GetRiskLimitsRequest, time_ns: int) -> v1.GetRiskLimitsResponse:
        """Answer with the limits and their use at `time_ns`; raises `NotFound` for an unknown account."""
        faults = Faults()
        account_id = read_account_id(request.account_id, faults)
        faults.check()
        exchange = self._exchange
        if exchange.account(account_id) is None:
            raise unknown_account(account_id)
        return v1.GetRiskLimitsResponse(
            risk_limits=self._message(exchange.risk_limits(account_id)),
            used=self._message(exchange.risk_limits_used(account_id, time_ns)),
        )

    def _message(self, limits: RiskLimits) -> v1.RiskLimits:
        return v1.RiskLimits(
            max_order_quantity=_written(limits.max_order_quantity, self._base_scale),
            max_order_notional=_written(limits.max_order_notional, self._scale),
            max_position=_written(limits.max_position, self._base_scale),
            max_open_orders=limits.max_open_orders,
            max_orders_per_second=limits.max_orders_per_second,
            max_daily_loss=_written(limits.max_daily_loss, self._scale),
        )

    def _scale(self, code: str) -> int | None:
        asset = self._exchange.asset(code)
        return None if asset is None else asset.scale

    def _base_scale(self, symbol: str) -> int | None:
        instrument = self._exchange.instrument(symbol)
        return None if instrument is None else self._scale(instrument.base_asset)


def _read_amounts(
    texts: dict[str, str],
    field: str,
    scale_of: Callable[[str], int | None],
    kind: str,
    faults: Faults,
) -> dict[str, int]:
    """Read the amounts that are not empty, which is no limit, in minor units of their assets."""
    amounts: dict[str, int] = {}
    for key, text in texts.items():
        scale = scale_of(key)
        if scale is None:
            faults.expected(f"{field}[{key}]", f"{kind} that exists", key)
        elif text:
            amounts[key] = faults.number(f"{field}[{key}]", text, partial(parse_decimal, scale=scale))
    return amounts


def _written(amounts: dict[str, int], scale_of: Callable[[str], int | None]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for key, amount in amounts.items():
        scale = scale_of(key)
        assert scale is not None, f"a limit of {key}, which there is not"
        texts[key] = format_decimal(amount, scale)
    return texts
