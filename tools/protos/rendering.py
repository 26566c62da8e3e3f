"""The templates, filled in and formatted, without regard to the settings of any folder."""

import json
import subprocess
import sys
from pathlib import Path

import jinja2

LINE_LENGTH = 110
SORT_IMPORTS = ("--select=I", "--fix", '--config=lint.isort.known-first-party=["markethall_protos"]')


def render(template: str, **context: object) -> str:
    """The Python module that `template` makes of `context`."""
    source = _TEMPLATES.get_template(template).render(context)
    return _ruff("format", source=_ruff("check", *SORT_IMPORTS, source=source))


def docstring(comment: str, indent: int) -> str:
    """`comment` as the inside of a docstring whose quotes stand `indent` columns to the right."""
    text = comment.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if text.endswith('"'):
        text = f'{text[:-1]}\\"'
    lines = [f"{' ' * indent}{line}" if line else "" for line in text.split("\n")]
    closing = f"\n{' ' * indent}" if len(lines) > 1 else ""
    return "\n".join(lines).lstrip() + closing


def _ruff(command: str, *options: str, source: str) -> str:
    ruff = (sys.executable, "-m", "ruff", command, "--isolated", f"--line-length={LINE_LENGTH}")
    return subprocess.run(
        [*ruff, *options, "-"], input=source, capture_output=True, text=True, check=True
    ).stdout


_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,  # noqa: S701 - the output is Python, not HTML
)
_TEMPLATES.filters["docstring"] = docstring
_TEMPLATES.filters["quoted"] = json.dumps
