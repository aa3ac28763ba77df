# SPDX-License-Identifier: Apache-2.0
"""The command line: the table of sub-commands. Only it and `cli_*.py` touch the disk or print.

Exit status: 0 good (warnings allowed), 1 errors in a spec, 2 wrong usage. `check` prints nothing
when all is well.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Mapping, Sequence

from tina_gen import __version__
from tina_gen.cli_io import FAILED, GOOD, USAGE, Command, analyze_file, library, read_file
from tina_gen.render import FORMS

__all__ = [
    "COMMANDS",
    "FAILED",
    "GOOD",
    "USAGE",
    "analyze_file",
    "command",
    "library",
    "main",
    "read_file",
]

# Every sub-command with what it does, in the order of the help text; each is a module `cli_NAME`.
COMMANDS: Mapping[str, str] = {
    "check": "check specs; prints nothing when all is well",
    "generate": "check a spec and write its C++ and its model",
    "stub": "print skeletons of handlers, or add the missing ones",
    "fmt": "bring specs into canonical layout, keeping every comment",
    "budget": "print where the bytes of each shard go, or hold them to a lock file",
    "graph": "draw machines, supervision and topology as Mermaid or Graphviz",
    "model": "print the resolved model as JSON, or what changed between two",
    "explain": "say what a diagnostic code means, why, and how to repair it",
    "lsp": "serve an editor: diagnostics, definitions, hover, completion, repairs",
}


def command(name: str) -> Command:
    """A sub-command, whose module is loaded now."""
    found: Command = importlib.import_module(f"tina_gen.cli_{name}").COMMAND
    return found


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """The parser of a command line. A sub-command that is not among its words is not loaded:
    starting Python's modules takes longer than most specs do."""
    parser = argparse.ArgumentParser(
        prog="tina-gen",
        description="Reads .tina specs, checks them and writes the C++ contract.",
    )
    parser.add_argument("--version", action="version", version=f"tina-gen {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, does in COMMANDS.items():
        added = commands.add_parser(name, help=does, description=does)
        if name in words:
            _add_arguments(added, command(name))
    return parser


def _add_arguments(parser: argparse.ArgumentParser, chosen: Command) -> None:
    if chosen.imports:
        parser.add_argument(
            "-I",
            "--import-path",
            action="append",
            default=[],
            metavar="DIR",
            help="look for imports in DIR too (repeatable); the file's own directory is first",
        )
    if chosen.forms:
        parser.add_argument(
            "--format",
            choices=FORMS,
            default="pretty",
            help="how diagnostics are printed (default: pretty)",
        )
    chosen.add_arguments(parser)
    parser.set_defaults(run=chosen.run)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and returns the exit status; argparse exits itself with 2."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    words = sys.argv[1:] if arguments is None else list(arguments)
    options = _parser(words).parse_args(words)
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
