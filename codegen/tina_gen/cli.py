# SPDX-License-Identifier: Apache-2.0
"""The command line: the only place that touches the disk or prints.

Exit status: 0 good (warnings allowed), 1 errors in a spec, 2 wrong usage. `check` prints nothing
when all is well.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tina_gen import __version__, cli_generate
from tina_gen.diagnostics import Diagnostic
from tina_gen.load import Places
from tina_gen.pipeline import Analysis, analyze
from tina_gen.render import FORMS, render

GOOD, FAILED, USAGE = 0, 1, 2


def library() -> str:
    """The directory that holds `tina/*.tina`: `idl/` of a checkout, or what the wheel installed."""
    package = Path(__file__).resolve().parent
    checkout = package.parent.parent / "idl"
    return str(checkout if (checkout / "tina" / "sys.tina").is_file() else package / "idl")


def read_file(path: str, limit: int) -> bytes:
    """At most `limit` bytes of a file; OSError if it cannot be read."""
    with open(path, "rb") as file:
        return file.read(limit)


def places_for(path: str, roots: Sequence[str]) -> Places:
    """Where the imports of a root file are looked for: beside it, then in the given roots."""
    return Places(library(), (os.path.dirname(path), *roots))


def show(diagnostics: Sequence[Diagnostic], form: str) -> None:
    """Prints diagnostics: on stderr for people, on stdout for machines."""
    if form == "json":
        print(render(diagnostics, form))
    elif diagnostics:
        stream = sys.stdout if form == "github" else sys.stderr
        color = form == "pretty" and stream.isatty() and "NO_COLOR" not in os.environ
        print(render(diagnostics, form, color), file=stream)


def analyze_file(path: str, roots: Sequence[str]) -> Analysis:
    """Runs the pipeline on one file of the disk."""
    return analyze(path, read_file, places_for(path, roots))


def _check(options: argparse.Namespace) -> int:
    failed = False
    found: list[Diagnostic] = []
    for path in dict.fromkeys(options.files):
        analysis = analyze_file(path, options.import_path)
        failed |= analysis.failed
        found += analysis.diagnostics
    show(list(dict.fromkeys(found)), options.format)
    return FAILED if failed else GOOD


def _generate(options: argparse.Namespace) -> int:
    analysis = analyze_file(options.spec, options.import_path)
    show(analysis.diagnostics, options.format)
    if analysis.failed:
        return FAILED
    problem = cli_generate.write_all(options, analysis)
    if problem:
        print(f"tina-gen: {problem}", file=sys.stderr)
    return FAILED if problem else GOOD


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tina-gen",
        description="Reads .tina specs, checks them and writes the C++ contract.",
    )
    parser.add_argument("--version", action="version", version=f"tina-gen {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "-I",
        "--import-path",
        action="append",
        default=[],
        metavar="DIR",
        help="look for imports in DIR too (repeatable); the file's own directory comes first",
    )
    shared.add_argument(
        "--format",
        choices=FORMS,
        default="pretty",
        help="how diagnostics are printed (default: pretty)",
    )

    check = commands.add_parser(
        "check", parents=[shared], help="check specs; prints nothing when all is well"
    )
    check.add_argument("files", nargs="+", metavar="FILE")
    check.set_defaults(run=_check)

    generate = commands.add_parser(
        "generate", parents=[shared], help="check a spec and write its C++ and its model"
    )
    cli_generate.add_arguments(generate)
    generate.set_defaults(run=_generate)
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
