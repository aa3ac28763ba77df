# SPDX-License-Identifier: Apache-2.0
"""The sub-command `budget`: prints where the bytes of a shard go, and holds a build to a lock.

Of a spec the numbers are upper bounds; of an object file, an archive or a program they are exact.
Exit status 1 if a spec is wrong, a file cannot be read, or something grew over its lock.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tina_gen.cli_io import (
    FAILED,
    GOOD,
    USAGE,
    Command,
    analyze_file,
    cannot,
    read_file,
    refuse,
    show,
)
from tina_gen.model import Model

if TYPE_CHECKING:
    from tina_gen.budget import RoleBudget

_SIZE_MAX = 4 << 30


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of `tina-gen budget`."""
    parser.add_argument("spec", nargs="?", metavar="SPEC")
    parser.add_argument(
        "--object",
        metavar="FILE",
        help="read exact numbers from an object file, an archive or a program; it is not run",
    )
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="tables (default) or JSON"
    )
    parser.add_argument("--lock", metavar="FILE", help="fail if anything grew over this file")
    parser.add_argument("--update", action="store_true", help="write the lock file anew")


def run(options: argparse.Namespace) -> int:
    """Prints the budget, or compares it with its lock."""
    from tina_gen.budget import budgets, section  # here: no other command needs them

    if (options.spec is None) == (options.object is None):
        return refuse("`budget` needs a spec or `--object FILE`, and not both", USAGE)
    if options.update and not options.lock:
        return refuse("`--update` needs `--lock FILE`", USAGE)
    model: Model | None = None
    if options.object:
        try:
            found = section.read(read_file(options.object, _SIZE_MAX))
        except OSError as error:
            return refuse(cannot("read", options.object, error))
        except section.Unreadable as error:
            return refuse(f"cannot read a budget from `{options.object}`: {error}")
        except ImportError:
            return refuse("`--object` needs the Python package pyelftools: pip install pyelftools")
    else:
        analysis = analyze_file(options.spec, options.import_path)
        show(analysis.diagnostics)
        if analysis.model is None:
            return FAILED
        model = analysis.model
        found = budgets(model)
        if not found:
            return refuse(f"`{options.spec}` declares no system, so nothing has a budget")
    if options.lock:
        return _lock(options, found)
    _print(options, model, found)
    return GOOD


def _print(options: argparse.Namespace, model: Model | None, found: Sequence[RoleBudget]) -> None:
    from tina_gen import bounds
    from tina_gen.budget import table

    if options.format == "json":
        document = table.document(found, _mailboxes(model) if model else None)
        sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        return
    reports = {}
    for system in model.root.systems if model else ():
        reports[system.name] = bounds.report(model, system) if model else []
    for index, budget in enumerate(found):
        last = index + 1 == len(found) or found[index + 1].system != budget.system
        print(
            ("\n" if index else "")
            + table.text(budget, reports[budget.system] if last and model else ())
        )


def _mailboxes(model: Model) -> dict[str, Any]:
    """`System.role` -> what can be in each mailbox at worst."""
    from tina_gen import bounds

    made: dict[str, Any] = {}
    for system in model.root.systems:
        for bound in bounds.mailbox_bounds(model, system):
            made.setdefault(f"{system.name}.{bound.role}", []).append(
                {
                    "isolate": bound.isolate,
                    "capacity": bound.capacity,
                    "worst": bound.worst,
                    "arrivals": [
                        {
                            "sender": arrival.sender,
                            "messages": [message.local_name for message in arrival.messages],
                            "most": arrival.most,
                        }
                        for arrival in bound.arrivals
                    ],
                    "calls": [
                        {
                            "call": call.call.local_name,
                            "never_shed": call.never_shed,
                            "assumption": bounds.ASSUMPTION if call.never_shed else None,
                            "obstacles": [obstacle.words for obstacle in call.obstacles],
                        }
                        for call in bound.calls
                    ],
                }
            )
    return made


def _lock(options: argparse.Namespace, found: Sequence[RoleBudget]) -> int:
    from tina_gen.budget import lock

    path = Path(options.lock)
    wanted = lock.lock_of(found)
    if options.update or not path.exists():
        try:
            part = path.with_name(path.name + ".part")
            part.write_text(lock.text(wanted), encoding="utf-8")
            os.replace(part, path)
        except OSError as error:
            return refuse(cannot("write", options.lock, error))
        return GOOD
    try:
        known = lock.parse(read_file(options.lock, _SIZE_MAX))
    except OSError as error:
        return refuse(cannot("read", options.lock, error))
    except lock.Malformed as error:
        return refuse(f"cannot use `{options.lock}` as a lock: {error}")
    grown = lock.growth(known, wanted)
    for line in grown:
        print(line, file=sys.stderr)
    if not grown:
        return GOOD
    return refuse(f"the budget grew over `{options.lock}`; agree to it with `--update`")


COMMAND = Command(add_arguments, run, forms=False)
