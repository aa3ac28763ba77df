# SPDX-License-Identifier: Apache-2.0
"""The sub-command `lsp`: the language server on standard input and output, for editors."""

from __future__ import annotations

import argparse
import os

from tina_gen.cli_io import FAILED, GOOD, Command, library, read_file, refuse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of `tina-gen lsp`."""
    # Editors add it without being asked; there is nothing else to choose.
    parser.add_argument("--stdio", action="store_true", help="use standard input and output")


def run(options: argparse.Namespace) -> int:
    """Serves until the editor ends the session."""
    try:
        from tina_gen.lsp.server import Server
    except ModuleNotFoundError as missing:
        if missing.name is None or missing.name.partition(".")[0] not in _EXTRA:
            raise
        text = "the language server needs pygls; install it with `pip install 'tina-gen[editor]'`"
        return refuse(text, FAILED)
    roots = [os.path.abspath(root) for root in options.import_path]
    Server(read_file, library(), roots).serve()
    return GOOD


_EXTRA = frozenset({"pygls", "lsprotocol", "attrs", "cattrs"})

COMMAND = Command(add_arguments, run, forms=False)
