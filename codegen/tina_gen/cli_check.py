# SPDX-License-Identifier: Apache-2.0
"""The sub-command `check`: what is wrong with specs."""

from __future__ import annotations

import argparse

from tina_gen.cli_io import FAILED, GOOD, Command, analyze_file, show
from tina_gen.diagnostics import Diagnostic


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of `tina-gen check`."""
    parser.add_argument("files", nargs="+", metavar="FILE")


def run(options: argparse.Namespace) -> int:
    """Shows every diagnostic of every file once."""
    failed = False
    found: list[Diagnostic] = []
    for path in dict.fromkeys(options.files):
        analysis = analyze_file(path, options.import_path)
        failed |= analysis.failed
        found += analysis.diagnostics
    show(list(dict.fromkeys(found)), options.format)
    return FAILED if failed else GOOD


COMMAND = Command(add_arguments, run)
