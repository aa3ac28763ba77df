# SPDX-License-Identifier: Apache-2.0
"""The sub-command `explain`: prints what a diagnostic code means and how to repair its cause."""

from __future__ import annotations

import argparse

from tina_gen.cli_io import GOOD, USAGE, Command, refuse
from tina_gen.codes import CODES
from tina_gen.explain import page
from tina_gen.explain.text import listing, markdown, terminal
from tina_gen.names import suggestion


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of `tina-gen explain`."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("code", nargs="?", metavar="CODE", help="a code such as E0301")
    what.add_argument("--list", action="store_true", help="every code with its meaning")
    what.add_argument("--markdown", action="store_true", help="the reference page of all codes")


def run(options: argparse.Namespace) -> int:
    """Prints a page, the list or the reference."""
    if options.list:
        print(listing(), end="")
        return GOOD
    if options.markdown:
        print(markdown(), end="")
        return GOOD
    code = options.code.strip().strip("[]").upper()
    found = page(code)
    if found is None:
        close = suggestion(code, list(CODES))
        hint = f"did you mean `{close}`? " if close else ""
        text = f"there is no code `{code}`; {hint}`tina-gen explain --list` prints all of them"
        return refuse(text, USAGE)
    print(terminal(found), end="")
    return GOOD


COMMAND = Command(add_arguments, run, imports=False, forms=False)
