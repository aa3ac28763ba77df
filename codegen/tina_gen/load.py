# SPDX-License-Identifier: Apache-2.0
"""Loads a spec and everything it imports: bytes to syntax trees, in import order.

The disk is behind a `Reader`, so this is pure. A file that cannot be read, is no text, or is too
large is one diagnostic of one line. Import circles and depth are bounded.
"""

from __future__ import annotations

import errno
from collections.abc import Callable

from tina_gen.diagnostics import Diagnostic, Note
from tina_gen.frozen import dataclass
from tina_gen.source import SourceFile
from tina_gen.syntax import declarations as d
from tina_gen.syntax.parser import parse

FILE_SIZE_MAX = 1 << 20
IMPORT_DEPTH_MAX = 32
FILES_MAX = 256

# Reads at most the given number of bytes of a path, or raises OSError.
Reader = Callable[[str, int], bytes]


@dataclass(frozen=True, slots=True)
class Places:
    """Where imports are looked for: `library` for `tina/…`, otherwise `roots` in order."""

    library: str
    roots: tuple[str, ...]

    def candidates(self, path: str) -> list[str]:
        """The paths that an import may mean, the best first."""
        where = (self.library,) if path.startswith("tina/") else self.roots
        return [f"{root}/{path}" if root not in ("", ".") else path for root in where]


@dataclass(frozen=True, slots=True)
class Loaded:
    """One parsed file, with the import path of each of its imports."""

    tree: d.File
    imports: tuple[tuple[d.Import, str], ...]


def decode(path: str, data: bytes) -> str | Diagnostic:
    """The text of a file, or the one diagnostic that says why it is none."""

    def problem(code: str, message: str, help: str) -> Diagnostic:
        return Diagnostic(code, None, message, help=help, path=path)

    if len(data) > FILE_SIZE_MAX:
        text = f"`{path}` is larger than 1 MiB, the limit for one spec"
        return problem("E0003", text, "split it into files that import each other")
    if not data.strip():
        text = f"`{path}` is empty"
        return problem("E0002", text, "a spec starts with `tina 1;` and `package name;`")
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        text = f"`{path}` is not text: it holds a NUL byte in line {line}"
        return problem("E0004", text, "name a `.tina` file, saved as UTF-8")
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start]
        text = f"`{path}` is not UTF-8: byte 0x{byte:02x} in line {line} fits nowhere"
        return problem("E0004", text, "save the file as UTF-8")


def read_problem(path: str, error: OSError | ValueError) -> Diagnostic:
    """The one line about a file that cannot be read."""
    match getattr(error, "errno", None):
        case errno.ENOENT | errno.ENOTDIR:
            why, help = "it does not exist", "check the path"
        case errno.EISDIR:
            why, help = "it is a directory", "name a `.tina` file in it"
        case errno.EACCES | errno.EPERM:
            why, help = "reading it is not permitted", "check its owner and mode"
        case _:
            why = getattr(error, "strerror", None) or str(error)
            help = "check the path"
            why = why[:1].lower() + why[1:]
    return Diagnostic("E0001", None, f"cannot read `{path}`: {why}", help=help, path=path)


class Loader:
    """Reads and parses each file once. After `load`, `diagnostics` says what was wrong."""

    def __init__(self, read: Reader, places: Places) -> None:
        """Reads with `read` and searches in `places`."""
        self.read = read
        self.places = places
        self.diagnostics: list[Diagnostic] = []
        self.files: list[Loaded] = []  # in import order
        self.paths: list[str] = []  # all that were read, for dependency files
        self._known: dict[str, bool] = {}  # import path -> finished
        self._way: list[d.Import] = []  # from the root to the file that is being read

    def load(self, path: str) -> bool:
        """Loads the root file and its imports; True if all were read and parsed without error."""
        try:
            data = self.read(path, FILE_SIZE_MAX + 1)
        except (OSError, ValueError) as error:
            self.diagnostics.append(read_problem(path, error))
            return False
        self._file(path, path.rpartition("/")[2], data, depth=0)
        return not any(x.is_error for x in self.diagnostics)

    def _file(self, path: str, import_path: str, data: bytes, depth: int) -> None:
        self._known[import_path] = False
        self.paths.append(path)
        text = decode(path, data)
        if isinstance(text, Diagnostic):
            self.diagnostics.append(text)
            self._known[import_path] = True
            return
        standard = depth > 0 and import_path.startswith("tina/")
        file = SourceFile(import_path if standard else path, text, import_path, standard)
        tree, problems = parse(file)
        self.diagnostics += problems
        found: list[tuple[d.Import, str]] = []
        for item in tree.imports:
            if self._import(item, depth + 1):
                found.append((item, item.path.value))
        self.files.append(Loaded(tree, tuple(found)))
        self._known[import_path] = True

    def _import(self, item: d.Import, depth: int) -> bool:
        path = item.path.value
        if not path and item.path.span.text != '""':
            return False  # a broken string, already reported
        finished = self._known.get(path)
        if finished is not None:
            if not finished:
                self._problem(
                    "E0107",
                    item,
                    f"`{path}` imports itself, directly or through others",
                    "closes a circle",
                    "move what both need into a third file",
                    self._circle(path),
                )
            return finished
        if depth > IMPORT_DEPTH_MAX or len(self._known) >= FILES_MAX:
            text = f"more than {IMPORT_DEPTH_MAX} levels or {FILES_MAX} files of imports"
            self._problem("E0011", item, text, "one import too many", "merge some files")
            return False
        parts = path.split("/")
        if path.startswith("/") or "\\" in path or any(p in ("", ".", "..") for p in parts):
            self._problem(
                "E0106",
                item,
                f"`{path}` is not an import path",
                "must be relative",
                'write it as seen from the import root, such as "tina/net.tina"',
            )
            return False
        return self._search(item, path, depth)

    def _circle(self, path: str) -> tuple[Note, ...]:
        """The imports that lead from a file to the one that is being read."""
        paths = [item.path.value for item in self._way]
        first = paths.index(path) + 1 if path in paths else 0
        return tuple(
            Note(f"`{item.path.value}` is imported here", item.path.span)
            for item in self._way[first:]
        )

    def _search(self, item: d.Import, path: str, depth: int) -> bool:
        candidates = self.places.candidates(path)
        for candidate in candidates:
            try:
                data = self.read(candidate, FILE_SIZE_MAX + 1)
            except (OSError, ValueError) as error:
                code = getattr(error, "errno", None)
                if code in (errno.ENOENT, errno.ENOTDIR):
                    continue
                self._problem("E0106", item, read_problem(candidate, error).message, "", "check it")
                return False
            before = len(self.diagnostics)
            self._way.append(item)
            self._file(candidate, path, data, depth)
            self._way.pop()
            return not any(x.span is None for x in self.diagnostics[before:])
        if path.startswith("tina/"):
            files = "`tina/net.tina`, `tina/os.tina` and `tina/sys.tina`"
            text = f"`{path}` is not in the standard library, which has {files}"
            self._problem("E0106", item, text, "not found", "check the name")
            return False
        notes = tuple(Note(f"looked for `{candidate}`") for candidate in candidates)
        help = "check the path, or add its root with `--import-path DIR`"
        self._problem("E0106", item, f"import `{path}` is not found", "not found", help, notes)
        return False

    def _problem(
        self,
        code: str,
        item: d.Import,
        message: str,
        label: str,
        help: str,
        notes: tuple[Note, ...] = (),
    ) -> None:
        span = item.path.span
        self.diagnostics.append(Diagnostic(code, span, message, label, notes, help))
