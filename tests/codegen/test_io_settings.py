# SPDX-License-Identifier: Apache-2.0
"""Settings of I/O objects: every number has its bounds, and what stands beside them holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from specs import ROOT, analyze_text

from tina_gen.resolve.io_settings import BOUNDS
from tina_gen.source import SourceFile
from tina_gen.syntax import declarations as d
from tina_gen.syntax.parser import parse

LIBRARY = sorted((ROOT / "idl" / "tina").glob("*.tina"))
LISTENER = """\
tina 1;
package demo;
import "tina/net.tina" as net;
config port : u16 = @port@;
isolate Door {
  init (port: u16);
  io server : net.tcp_listener = port@settings@
  budget { slots 9; mailbox 1; state <= 64B; }
  on server.Accepted;
}
supervisor Root {
  strategy one_for_one;
  restarts 1 in 1s;
  @child@
}
system Demo { @shards@ as main { memory <= 4MiB; root Root; } }
"""


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.stem)
def test_each_setting_with_a_number_has_bounds(path: Path) -> None:
    declared = parse(SourceFile(path.name, path.read_text(encoding="utf-8")))[0].decls
    kinds = [node for node in declared if isinstance(node, d.Kind)]
    numbers = {rule.name.text for kind in kinds for rule in kind.settings if rule.type is not None}
    assert numbers <= BOUNDS.keys()


def found(port: str, settings: str, child: str, shards: str) -> list[str]:
    """What is said of listeners at one port."""
    text = LISTENER.replace("@port@", port).replace("@settings@", settings)
    text = text.replace("@child@", child).replace("@shards@", shards)
    return [f"{d.code}: {d.message}" for d in analyze_text(text).diagnostics]


@pytest.mark.parametrize(
    ("port", "settings", "child", "shards", "sockets"),
    [
        ("9000", ";", "child door : Door(port = port) permanent;", "shards 1", ""),
        ("9000", ";", "child door : Door(port = port) permanent;", "shards 2", "2"),
        ("9000", ";", "child door : Door(port = port) permanent;", "shards auto max 3", "up to 3"),
        ("9000", ";", "child door : Door(port = 80) * 3 permanent;", "shards 2", "6"),
        ("0", ";", "child door : Door(port = port) * 3 permanent;", "shards 2", ""),
        ("9000", ";", "child door : Door(port = 0) * 3 permanent;", "shards 1", ""),
        ("9000", " { reuse_port; }", "child door : Door(port = port) permanent;", "shards 2", ""),
        ("9000", ";", "dynamic Door max 3 temporary;", "shards 1", ""),
    ],
)  # fmt: skip
def test_an_address_is_for_one_socket_or_shared_by_all(
    port: str, settings: str, child: str, shards: str, sockets: str
) -> None:
    expected = f"E0716: `server` of `Door` stands where {sockets} sockets want to"
    said = [s for s in found(port, settings, child, shards) if "E0716" in s]
    assert said == ([expected] if sockets else [])
