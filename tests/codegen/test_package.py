# SPDX-License-Identifier: Apache-2.0
"""The wheel: every package on the disk is listed in `pyproject.toml`, and so are the specs."""

from __future__ import annotations

import tomllib
from pathlib import Path

from specs import ROOT

from tina_gen import __version__
from tina_gen.cli import library

CODEGEN = ROOT / "codegen"


def project() -> dict[str, object]:
    with open(ROOT / "pyproject.toml", "rb") as file:
        return tomllib.load(file)


def test_each_package_on_the_disk_is_listed() -> None:
    found = {
        ".".join(path.parent.relative_to(CODEGEN).parts)
        for path in (CODEGEN / "tina_gen").rglob("__init__.py")
    }
    tool = project()["tool"]
    assert isinstance(tool, dict)
    elsewhere = {"tina_gen.idl", "tina_gen.golden"}
    assert set(tool["setuptools"]["packages"]) == found | elsewhere


def test_standard_library_is_found_from_a_checkout() -> None:
    assert Path(library()) == ROOT / "idl"
    assert (Path(library()) / "tina" / "net.tina").is_file()


def test_version_is_said_once() -> None:
    info = project()["project"]
    assert isinstance(info, dict) and info["version"] == __version__
