"""The engine's README does what it says."""

import asyncio
import subprocess
import sys
from pathlib import Path

from tests.engine_process import engine_process

README = Path(__file__).parents[2] / "packages" / "core-engine" / "README.md"


async def test_the_first_order_of_the_readme_is_placed(tmp_path: Path):
    _, _, rest = README.read_text("utf-8").partition("```python\n")
    program, _, _ = rest.partition("```")
    with engine_process(tmp_path) as engine:
        async with engine.channel():
            result = await asyncio.to_thread(
                subprocess.run,
                [sys.executable, "-c", program.replace("127.0.0.1:50052", engine.address)],
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
    assert result.stderr == ""
    assert "client_order_id='my-1'" in result.stdout
    assert "OrderStatus.NEW" in result.stdout
