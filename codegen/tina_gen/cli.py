# SPDX-License-Identifier: Apache-2.0
"""The command line: the table of sub-commands. Only it and `cli_*.py` touch the disk or print.

Exit status: 0 good (warnings allowed), 1 errors in a spec, 2 wrong usage. `check` prints nothing
when all is well.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from tina_gen import (
    __version__,
    cli_budget,
    cli_explain,
    cli_fmt,
    cli_generate,
    cli_graph,
    cli_lsp,
    cli_model,
    cli_stub,
)
from tina_gen.cli_io import FAILED, GOOD, USAGE, Command, analyze_file, library, read_file, show
from tina_gen.diagnostics import Diagnostic
from tina_gen.render import FORMS

__all__ = ["COMMANDS", "FAILED", "GOOD", "USAGE", "analyze_file", "library", "main", "read_file"]


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE")


def _check(options: argparse.Namespace) -> int:
    failed = False
    found: list[Diagnostic] = []
    for path in dict.fromkeys(options.files):
        analysis = analyze_file(path, options.import_path)
        failed |= analysis.failed
        found += analysis.diagnostics
    show(list(dict.fromkeys(found)), options.format)
    return FAILED if failed else GOOD


# Every sub-command, in the order of the help text.
COMMANDS: tuple[Command, ...] = (
    Command("check", "check specs; prints nothing when all is well", _check_arguments, _check),
    cli_generate.COMMAND,
    cli_stub.COMMAND,
    cli_fmt.COMMAND,
    cli_budget.COMMAND,
    cli_graph.COMMAND,
    cli_model.COMMAND,
    cli_explain.COMMAND,
    cli_lsp.COMMAND,
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tina-gen",
        description="Reads .tina specs, checks them and writes the C++ contract.",
    )
    parser.add_argument("--version", action="version", version=f"tina-gen {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in COMMANDS:
        added = commands.add_parser(command.name, help=command.help, description=command.help)
        if command.imports:
            added.add_argument(
                "-I",
                "--import-path",
                action="append",
                default=[],
                metavar="DIR",
                help="look for imports in DIR too (repeatable); the file's own directory is first",
            )
        if command.forms:
            added.add_argument(
                "--format",
                choices=FORMS,
                default="pretty",
                help="how diagnostics are printed (default: pretty)",
            )
        command.add_arguments(added)
        added.set_defaults(run=command.run)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and returns the exit status; argparse exits itself with 2."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


if __name__ == "__main__":
    sys.exit(main())
