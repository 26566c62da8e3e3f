import re
import signal
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[2] / "packages" / "common" / "README.md"


def test_the_readmes_service_starts_says_so_and_ends_in_order(tmp_path: Path) -> None:
    [code] = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    command = [sys.executable, "-c", f"{code}\nmain()", "--port", "50060"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        started = process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        stopping = process.stderr.read()
    assert '"event":"engine_started"' in started
    assert '"port":50060' in started
    assert '"event":"engine_stopping"' in stopping
    assert '"reason":"SIGTERM"' in stopping
    assert process.returncode == 0
