"""Compiles hot modules when a package is built, and does without where that is not possible.

The hook's configuration lists them, below the directory `source`: `cython`, modules that are written in
Cython, by dotted name; `mypyc`, modules of ordinary typed Python, by patterns of paths. Of the latter those
stay as they are that define a subclass of one of `interpreted`, bases whose metaclasses mypyc cannot serve,
and every `__init__.py`, which has no code of ours. The others become one shared library, so that calls
between them are direct. `include` names a C header that the C code of mypyc is to begin with.

The environment variable MARKETHALL_BUILD_EXTENSION says how much it matters:

- `auto`, the default: compile; without a working C compiler warn and build a package in pure Python;
- `require`: compile or fail, for continuous integration and releases;
- `off`: build in pure Python.

A wheel with a compiled module carries the tag of its platform. For an editable install the libraries are put
where a wheel has them, and old ones are removed first whatever comes of the new. What Cython made stands
beside its source; after an edit, `hatch run compile` makes it anew. What mypyc made stands in a directory
of its own, `compiled`, with `sources.json`, the digests of all that `mypyc` matches: the package compares
them at import, so that an edited source is never shadowed by what was made of it before.

One file serves two packages: the engine's is a link to that of the protos (decision 0046).
"""

import ast
import json
import os
import shutil
import sys
import tempfile
from contextlib import chdir
from hashlib import blake2b
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MODES = ("auto", "require", "off")
MYPY_OPTIONS = (
    # What a module imports need not be there in the isolated environment of a build; then it is of any type.
    "--config-file=",
    "--ignore-missing-imports",
    "--follow-imports=silent",
)


class ExtensionBuildHook(BuildHookInterface[Any]):
    """Builds what the configuration lists in a directory laid out as the package is, then places it."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        mode = os.environ.get("MARKETHALL_BUILD_EXTENSION", "auto")
        if mode not in MODES:
            raise ValueError(
                f"MARKETHALL_BUILD_EXTENSION: expected one of {', '.join(MODES)}, found {mode!r}"
            )
        if version == "editable":
            self._remove_compiled()
        if mode == "off":
            return
        self._build_directory = Path(tempfile.mkdtemp(prefix="markethall-build-"))
        package = self._build_directory / "package"
        try:
            with chdir(self._source):
                self._compile_cython(package)
                self._compile_mypyc(package)
        # SystemExit is how mypyc gives up; otherwise it is whatever a compiler, or the lack of one, can do.
        except (Exception, SystemExit) as error:
            if mode == "require":
                raise
            self.app.display_warning(f"not compiled, pure Python will be used: {error}")
            return
        if version == "editable":
            shutil.copytree(package, self._source, dirs_exist_ok=True)
        else:
            for path in package.rglob("*"):
                if path.is_file():
                    build_data["force_include"][str(path)] = str(path.relative_to(package))
            build_data["pure_python"] = False
            build_data["infer_tag"] = True

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if hasattr(self, "_build_directory"):
            shutil.rmtree(self._build_directory)

    def clean(self, versions: list[str]) -> None:
        self._remove_compiled()

    @property
    def _source(self) -> Path:
        return Path(self.root, self.config["source"])

    def _remove_compiled(self) -> None:
        for module in self.config.get("cython", ()):
            place = self._source.joinpath(*module.split("."))
            for pattern in (f"{place.name}.*.so", f"{place.name}.*.pyd", f"{place.name}.so"):
                for stale in place.parent.glob(pattern):
                    stale.unlink()
        if "mypyc" in self.config:
            shutil.rmtree(self._source / self.config["compiled"], ignore_errors=True)

    def _compile_cython(self, package: Path) -> None:
        # Compilers are imported here and not above: with `off`, none need be installed.
        modules = self.config.get("cython", ())
        if modules:
            from Cython.Build import cythonize
            from setuptools import Extension

            extensions = [Extension(module, [f"{module.replace('.', '/')}.pyx"]) for module in modules]
            self._build(cythonize(extensions, build_dir=self._build_directory / "c", quiet=True), package)

    def _compile_mypyc(self, package: Path) -> None:
        matched = self._matched()
        if matched:
            from mypyc.build import mypycify

            compiled = package / self.config["compiled"]
            extensions = mypycify(
                [
                    *MYPY_OPTIONS,
                    f"--cache-dir={self._build_directory / 'mypy'}",
                    *(path.as_posix() for path in matched if self._can_compile(path)),
                ],
                target_dir=str(self._build_directory / "c"),
                group_name=matched[0].parts[0],
                debug_level="0",
            )
            self._include(extensions)
            self._build(extensions, compiled)
            digests = {path.as_posix(): blake2b(path.read_bytes()).hexdigest() for path in matched}
            (compiled / "sources.json").write_text(json.dumps(digests, indent=1))

    def _include(self, extensions: list[Any]) -> None:
        """Have the C code of mypyc preceded by a header of ours, where the compiler can be told to."""
        header = self.config.get("include")
        if header and sys.platform != "win32":
            for extension in extensions:
                if extension.include_dirs:  # the library; others only point into it
                    flags = ("-include", str(Path(self.root, header)))
                    extension.extra_compile_args = [*extension.extra_compile_args, *flags]

    def _matched(self) -> list[Path]:
        """Return what the patterns of `mypyc` match; each must match something."""
        matched: set[Path] = set()
        for pattern in self.config.get("mypyc", ()):
            found = set(Path().glob(pattern))
            if not found:
                raise ValueError(f"mypyc: nothing matches {pattern!r}")
            matched |= found
        return sorted(matched)

    def _can_compile(self, path: Path) -> bool:
        """Whether mypyc can serve all classes that the module defines."""
        classes = (node for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.ClassDef))
        bases = {ast.unparse(base) for node in classes for base in node.bases}
        return path.name != "__init__.py" and bases.isdisjoint(self.config["interpreted"])

    def _build(self, extensions: list[Any], library: Path) -> None:
        """Compile and link C sources into `library`, where each module gets its place by its name."""
        from setuptools import Distribution

        command = Distribution({"ext_modules": extensions}).get_command_obj("build_ext")
        command.build_lib = str(library)
        command.build_temp = str(self._build_directory / "objects")
        command.ensure_finalized()
        command.run()
