"""Assets: requests to create one, and assets as they are."""

from markethall_engine.domain.amounts import MAX_SCALE
from markethall_engine.domain.commands import CreateAsset
from markethall_engine.domain.instrument import Asset
from markethall_engine.domain.names import ASSET_FORM, is_asset_code
from markethall_engine.rpc.errors import NotFound
from markethall_engine.rpc.translate.faults import Faults
from markethall_engine.rpc.translate.times import timestamp
from markethall_protos import v1


def unknown_asset(code: str) -> NotFound:
    return NotFound("UNKNOWN_ASSET", f"there is no asset {code!r}")


def read_asset_code(code: str, faults: Faults, field: str = "asset") -> str:
    if not is_asset_code(code):
        faults.expected(field, f"an asset's code, {ASSET_FORM}", code)
    return code


def read_create_asset(request: v1.CreateAssetRequest) -> CreateAsset:
    faults = Faults()
    asset = read_asset_code(request.asset, faults)
    if not 0 <= request.scale <= MAX_SCALE:
        faults.expected("scale", f"0 to {MAX_SCALE} decimal places", str(request.scale))
    faults.check()
    return CreateAsset(asset, request.scale)


def asset_message(asset: Asset) -> v1.Asset:
    return v1.Asset(
        asset=asset.asset,
        scale=asset.scale,
        sequence=asset.sequence,
        create_time=timestamp(asset.create_time_ns),
    )
