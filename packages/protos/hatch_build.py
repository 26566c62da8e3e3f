"""Compiles the codec when the package is built, and does without where that is not possible.

The environment variable MARKETHALL_BUILD_EXTENSION says how much it matters:

- `auto`, the default: compile; without a working C compiler warn and build a package in pure Python;
- `require`: compile or fail, for continuous integration and releases;
- `off`: build in pure Python.

A wheel with a compiled module carries the tag of its platform. For an editable install the module is put
beside its source, and an old one is removed first whatever comes of the new, so that none outlives the
source that it was made of. After an edit, `hatch run compile` makes it anew.
"""

import os
import shutil
import tempfile
from contextlib import chdir
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MODES = ("auto", "require", "off")


class ExtensionBuildHook(BuildHookInterface[Any]):
    """Builds the extension modules that the hook's configuration lists under `modules`, by dotted name.

    Each is compiled with Cython from the `.pyx` of its place below the directory `source`.
    """

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
        try:
            compiled = [self._compile(module) for module in self.config["modules"]]
        except Exception as error:  # whatever a compiler, or the lack of one, can do to us
            if mode == "require":
                raise
            self.app.display_warning(f"not compiled, pure Python will be used: {error}")
            return
        for path in compiled:
            relative = path.relative_to(self._build_directory)
            if version == "editable":
                shutil.copy2(path, self._source / relative)
            else:
                build_data["force_include"][str(path)] = str(relative)
        if version != "editable":
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
        for module in self.config["modules"]:
            place = self._source.joinpath(*module.split("."))
            for pattern in (f"{place.name}.*.so", f"{place.name}.*.pyd", f"{place.name}.so"):
                for stale in place.parent.glob(pattern):
                    stale.unlink()

    def _compile(self, module: str) -> Path:
        """Compile one module, and return its library, placed in the build directory as in the package."""
        # Here and not above: with `off`, neither need be installed.
        from Cython.Build import cythonize
        from setuptools import Distribution, Extension

        extension = Extension(module, [f"{module.replace('.', '/')}.pyx"])
        with chdir(self._source):
            translated = cythonize(extension, build_dir=self._build_directory / "c", quiet=True)
            command = Distribution({"ext_modules": translated}).get_command_obj("build_ext")
            command.build_lib = str(self._build_directory)
            command.build_temp = str(self._build_directory / "objects")
            command.ensure_finalized()
            command.run()
        return Path(command.get_ext_fullpath(module))
