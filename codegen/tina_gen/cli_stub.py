# SPDX-License-Identifier: Apache-2.0
"""The sub-command `stub`: prints or writes skeletons of handlers, or completes a user's file.

An existing file is never overwritten: `--output` writes only what is not there, `--into` only adds.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from tina_gen.cli_io import (
    FAILED,
    GOOD,
    USAGE,
    Command,
    analyze_file,
    cannot,
    refuse,
    replace_file,
    show,
)
from tina_gen.names import suggestion
from tina_gen.stub import Insertion, Skeleton, definitions, insert, skeletons


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of `tina-gen stub`."""
    parser.add_argument("spec", metavar="SPEC")
    parser.add_argument(
        "--isolate", metavar="I", help="only this isolate, with its package if need be"
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--into",
        metavar="FILE",
        help="declare the missing handlers in the structs of FILE, print their definitions",
    )
    where.add_argument("--output", metavar="DIR", help="write the files that DIR does not have yet")


def run(options: argparse.Namespace) -> int:
    """Makes the skeletons of a spec that is right, and puts them where they are wanted."""
    analysis = analyze_file(options.spec, options.import_path)
    show(analysis.diagnostics, options.format)
    if analysis.model is None:
        return FAILED
    found = skeletons(analysis.model, os.path.basename(options.spec))
    if options.isolate:
        wanted = options.isolate
        chosen = [one for one in found if wanted in (one.isolate, one.qualified)]
        if not chosen:
            known = [one.isolate for one in found]
            close = suggestion(wanted, [*known, *(one.qualified for one in found)])
            names = ", ".join(_names(found)) or "none"
            hint = f"did you mean `{close}`?" if close else f"it has {names}"
            return refuse(f"`{options.spec}` has no isolate `{wanted}`; {hint}")
        if len(chosen) > 1:
            names = ", ".join(one.qualified for one in chosen)
            return refuse(f"`{wanted}` may be one of several; write one of {names}", USAGE)
        found = chosen
    if options.into:
        return _into(options, found)
    return _output(options.output, found) if options.output else _print(found)


def _names(found: Sequence[Skeleton]) -> list[str]:
    """What tells the isolates apart: their names, with the package where two are the same."""
    plain = [one.isolate for one in found]
    return [one.qualified if plain.count(one.isolate) > 1 else one.isolate for one in found]


def _told_apart(found: Sequence[Skeleton], text: str) -> list[Skeleton]:
    """Of isolates with one name those whose package's namespace stands in a file."""

    def stands(one: Skeleton) -> bool:
        space = re.escape(one.package.replace(".", "::"))
        return re.search(rf"\bnamespace\s+{space}\s*\{{", text) is not None

    plain = [one.isolate for one in found]
    return [one for one in found if plain.count(one.isolate) == 1 or stands(one)]


def _print(found: Sequence[Skeleton]) -> int:
    for skeleton in found:
        print(f"// ---- {skeleton.header_path}\n{skeleton.header}")
        print(f"// ---- {skeleton.source_path}\n{skeleton.source}")
    return GOOD


def _output(folder: str, found: Sequence[Skeleton]) -> int:
    for skeleton in found:
        for name, text in (
            (skeleton.header_path, skeleton.header),
            (skeleton.source_path, skeleton.source),
        ):
            path = Path(folder) / name
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                with open(path, "x", encoding="utf-8", newline="") as file:
                    file.write(text)
                print(f"wrote {path}")
            except FileExistsError:
                print(f"kept {path}; `tina-gen stub --into` adds what it lacks")
            except OSError as error:
                return refuse(cannot("write", str(path), error))
    return GOOD


def _into(options: argparse.Namespace, found: Sequence[Skeleton]) -> int:
    path = options.into
    try:
        before = Path(path).read_bytes()
        text = before.decode("utf-8")
    except OSError as error:
        return refuse(cannot("read", path, error))
    except UnicodeDecodeError:
        return refuse(f"`{path}` is not UTF-8 text, so nothing was inserted; save it as UTF-8")
    if options.isolate is None:
        found = _told_apart(found, text)
    added: list[tuple[Skeleton, Insertion]] = []
    absent: list[str] = []
    for skeleton in found:
        result = insert(text, skeleton.isolate, skeleton.handlers)
        if isinstance(result, Insertion):
            text = result.text
            added.append((skeleton, result))
        elif result.absent:
            absent.append(result.reason)
        else:
            return refuse(f"`{path}`: {result.reason}; nothing was inserted")
    if not added:
        why = absent[0] if len(absent) == 1 else "no isolate of the spec is defined there"
        hint = "`tina-gen stub` without `--into` prints a whole skeleton"
        return refuse(f"`{path}`: {why}; {hint}")
    try:
        if text.encode("utf-8") != before:
            replace_file(path, text)
    except OSError as error:
        return refuse(cannot("write", path, error))
    _print_definitions(added)
    return GOOD


def _print_definitions(added: Sequence[tuple[Skeleton, Insertion]]) -> None:
    for skeleton, result in added:
        if result.missing:
            sys.stdout.write(f"// to define in {skeleton.source_path}:\n")
            sys.stdout.write(definitions(skeleton.isolate, result.missing))


COMMAND = Command(add_arguments, run)
