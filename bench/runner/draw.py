# SPDX-License-Identifier: Apache-2.0
"""Tables on the terminal: with rich where it is installed (imported only then), else plainly."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """A table as text, still to be drawn."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def show(table: Table) -> None:
    """Prints a table with rich, or plainly where rich is not installed."""
    try:
        from rich import box
        from rich.console import Console
        from rich.table import Table as RichTable
    except ImportError:
        _show_plainly(table)
        return
    drawn = RichTable(
        title=table.title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        show_header=any(table.columns),
    )
    for index, column in enumerate(table.columns):
        left = index == 0 or not any(table.columns)
        drawn.add_column(column, justify="left" if left else "right")
    for row in table.rows:
        colour = "red" if "MISSED" in row else None
        drawn.add_row(*row, style=colour)
    console = Console(width=None if Console().is_terminal else 160)
    console.print(drawn)
    for note in table.notes:
        console.print(f"  {note}", style="dim", highlight=False)


def _show_plainly(table: Table) -> None:
    grid = [row for row in (table.columns, *table.rows) if any(row)]
    widths = [max(len(row[index]) for row in grid) for index in range(len(table.columns))]
    print(f"\n{table.title}")
    for row in grid:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))
    for note in table.notes:
        print(f"  {note}")
