# SPDX-License-Identifier: Apache-2.0
"""The sub-command `graph`: draws a spec's machines, supervision trees and topology."""

from __future__ import annotations

import argparse
import sys

from tina_gen.cli_io import FAILED, GOOD, Command, analyze_file, show
from tina_gen.graph import NOTATIONS, PARTS, draw


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of `tina-gen graph`."""
    parser.add_argument("spec", metavar="SPEC")
    parser.add_argument(
        "--format",
        choices=tuple(NOTATIONS),
        default="mermaid",
        help="the notation of the drawing (default: mermaid)",
    )
    parser.add_argument(
        "--what", choices=(*PARTS, "all"), default="all", help="what to draw (default: all)"
    )


def run(options: argparse.Namespace) -> int:
    """Prints the drawing of a spec that is right; what is wrong with it otherwise."""
    analysis = analyze_file(options.spec, options.import_path)
    show(analysis.diagnostics)
    if analysis.model is None:
        return FAILED
    sys.stdout.write(NOTATIONS[options.format](draw(analysis.model, options.what)))
    return GOOD


COMMAND = Command(add_arguments, run, forms=False)
