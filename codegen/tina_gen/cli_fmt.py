# SPDX-License-Identifier: Apache-2.0
"""The sub-command `fmt`: brings specs into canonical layout.

All files are laid out before the first one is written, so a syntax error anywhere changes nothing.
A file is replaced in one step and keeps its mode; one that is right already is not touched.
"""

from __future__ import annotations

import argparse
import difflib
import sys

from tina_gen.cli_io import FAILED, GOOD, Command, cannot, read_file, refuse, replace_file, show
from tina_gen.diagnostics import Diagnostic
from tina_gen.format import format_file, same_program
from tina_gen.frozen import dataclass
from tina_gen.load import FILE_SIZE_MAX, decode, read_problem
from tina_gen.render import printable
from tina_gen.source import SourceFile

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Job:
    """One file, as it is and as it should be."""

    path: str
    before: bytes
    text: str
    after: str

    @property
    def changes(self) -> bool:
        """True if the file is not in canonical layout."""
        return self.before != self.after.encode("utf-8")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of `tina-gen fmt`."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="`-`: standard input to output")
    parser.add_argument("--check", action="store_true", help="only look: 1 if a file would change")
    parser.add_argument("--diff", action="store_true", help="print the changes, write nothing")


def run(options: argparse.Namespace) -> int:
    """Lays out all files, then writes, compares or shows them."""
    jobs: list[Job] = []
    wrong: list[Diagnostic] = []
    for path in dict.fromkeys(options.files):
        job = _job(path)
        if isinstance(job, Job):
            jobs.append(job)
        else:
            wrong += job
    show(wrong, options.format)
    if any(diagnostic.is_error for diagnostic in wrong):
        return FAILED
    for job in jobs:
        if not same_program(SourceFile(job.path, job.text), job.after):
            text = f"`{job.path}` would not stay the same program, so it is left alone"
            return refuse(f"{text}; this is a mistake of tina-gen: report the file")
    changed = [job for job in jobs if job.changes]
    if options.diff:
        sys.stdout.writelines(line for job in changed for line in _diff(job))
    elif options.check:
        for job in changed:
            print(f"{printable(job.path)}: not in canonical layout; run tina-gen fmt")
    if options.check:
        return FAILED if changed else GOOD
    return GOOD if options.diff else _write_all(jobs)


def _job(path: str) -> Job | list[Diagnostic]:
    try:
        stdin = path == STDIN
        data = (
            sys.stdin.buffer.read(FILE_SIZE_MAX + 1)
            if stdin
            else read_file(path, FILE_SIZE_MAX + 1)
        )
    except (OSError, ValueError) as error:
        return [read_problem(path, error)]
    text = decode(path, data)
    if isinstance(text, Diagnostic):
        return [text]
    after = format_file(SourceFile(path, text))
    return Job(path, data, text, after) if isinstance(after, str) else after


def _diff(job: Job) -> list[str]:
    before, after = (text.splitlines(keepends=True) for text in (job.text, job.after))
    lines = difflib.unified_diff(before, after, job.path, job.path)
    return [line if line.endswith("\n") else f"{line}\n\\ no line end\n" for line in lines]


def _write_all(jobs: list[Job]) -> int:
    for job in jobs:
        if job.path == STDIN:
            sys.stdout.write(job.after)
        elif job.changes:
            try:
                replace_file(job.path, job.after)
            except OSError as error:
                return refuse(cannot("write", job.path, error))
    return GOOD


COMMAND = Command(add_arguments, run, imports=False)
