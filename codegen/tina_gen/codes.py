# SPDX-License-Identifier: Apache-2.0
"""Every diagnostic code and what it means, in one line.

Codes are stable: a code is never given another meaning, and a retired one is not used again.
Each has a failing and a passing case under `tests/codegen/golden/`; a test compares the two lists.
Most are found by the generator. Those in `COMPILED` are found by the C++ compiler: assertions of
the generated code and of the runtime's headers begin with them.
"""

from __future__ import annotations

CODES: dict[str, str] = {
    # E00: files, words, syntax, unsupported
    "E0001": "a file cannot be read",
    "E0002": "a file is empty",
    "E0003": "a file is too large",
    "E0004": "a file is not UTF-8 text",
    "E0005": "a character is not part of the language",
    "E0006": "a string is not closed",
    "E0007": "a number or its unit is malformed",
    "E0008": "a string has an unknown escape",
    "E0010": "something else was expected here",
    "E0011": "nesting is too deep",
    "E0012": "the language edition is unknown",
    "E0013": "there are too many errors to report all",
    "E0090": "a construct is part of the language, but not supported yet",
    # E01: names and imports
    "E0101": "a name is not declared",
    "E0102": "a name is declared twice",
    "E0103": "two names become the same in generated code",
    "E0104": "a name does not follow the convention of its kind",
    "E0105": "a name is reserved by C++ or by the generated code",
    "E0106": "an import cannot be found",
    "E0107": "imports form a circle",
    "E0108": "two imports have the same short name",
    "E0109": "a name is declared as something else",
    "E0110": "a state has the name of something visible",
    "E0111": "two files declare the same package",
    # E02: types, units, literals
    "E0201": "a value does not fit the type",
    "E0202": "a value is out of range",
    "E0203": "units do not fit",
    "E0204": "a division by zero",
    "E0205": "constants depend on each other in a circle",
    "E0206": "a start-time value stands where a constant is needed",
    "E0207": "a value of a shard stands outside a child's arguments",
    "E0208": "two values of an enum are the same number",
    "E0209": "an enum has no values",
    "E0210": "an I/O object stands where it cannot travel",
    "E0211": "an I/O object says nothing to open it from",
    "E0212": "two I/O objects take the same argument",
    "E0213": "an I/O setting is unknown, repeated or malformed",
    # E03: machines and messages
    "E0301": "a state does not say what happens on a message",
    "E0302": "a state cannot be reached",
    "E0303": "a state has no way out",
    "E0304": "a target is not a state of the machine",
    "E0305": "a message has two clauses in one state",
    "E0306": "a final state has clauses",
    "E0307": "a timeout or a period is finer than the tick",
    "E0308": "a machine says no initial state, or more than one",
    "E0309": "a message is unknown to the isolate",
    "E0310": "a result of one's own action is deferred",
    "E0311": "a part may be written only once",
    "E0312": "a message of the runtime is sent",
    "E0313": "a transition outside a machine",
    "E0314": "a state defers a message and can be left by messages only",
    "E0315": "a clause stands beside a machine",
    "E0316": "a target is named twice",
    "E0317": "no clause lists a timer",
    "W0320": "a message is large for a mailbox",
    "W0321": "a message is listed, and nobody sends it",
    "E0330": "calls wait for each other in a circle",
    "E0331": "a call is ignored",
    "E0332": "a call has no handler that answers it",
    "E0333": "something that is not a call is answered later",
    "E0334": "something that is not a call is rejected",
    "E0335": "a state does not list all ends of a call",
    "E0336": "a state lists the ends of a call that the isolate does not make",
    "E0337": "a state lists an end of a call twice",
    "E0338": "a message goes to somebody who does not serve its protocol",
    "E0339": "a protocol, call or isolate is named twice",
    "E0340": "an event comes from somebody who does not implement its protocol",
    "E0341": "a protocol has no members",
    "E0342": "a call, a cast or an event is used as another of these",
    "E0343": "no state waits for a call that the isolate makes",
    "E0344": "a budget entry is missing or never used",
    "E0345": "the end of what an isolate monitors is not heard",
    "E0346": "an isolate has more than 64 results or sorts of messages",
    "E0348": "a clause lists a member of a protocol that the isolate does not serve",
    "W0349": "calls that were taken later may wait for each other in a circle",
    # E04: handlers in C++
    "E0401": "a handler is missing or has another type than its clause asks for",
    "E0402": "an isolate's struct does not derive from its generated base",
    "E0403": "an isolate's struct is not plain data",
    "E0404": "a handler moves to a state that its clause does not list",
    "E0405": "a handler stays, and its clause does not list that",
    "E0406": "an operation starts where its completion is not listed",
    "E0407": "a handler sends what its isolate does not list",
    "E0408": "a handler spawns what its isolate does not list",
    "E0409": "a handler starts more operations at once than there are lanes",
    # E05: sizes and budgets
    "E0501": "a budget is missing or incomplete",
    "E0502": "a budget entry is out of range",
    "E0503": "a budget entry is unknown, repeated or malformed",
    "E0504": "the memory limit is too small for what the tree needs",
    "W0505": "another order of fields would save padding",
    "E0510": "an isolate's struct is larger than its budget",
    "E0511": "a role's memory limit is too small for the real sizes",
    # E06: supervision
    "E0601": "more children than slots",
    "E0602": "a supervisor leaves something out or says it twice",
    "E0603": "a restart limit cannot work",
    "E0604": "the arguments of a child do not fit its init",
    "E0605": "an isolate that takes an I/O object is not temporary",
    "E0606": "a spawn has no dynamic group",
    "E0607": "two dynamic groups for one isolate",
    "E0608": "a word of supervision is unknown",
    "W0610": "an isolate is never started",
    # E07: shards and channels
    "E0701": "the number of shards is out of range",
    "E0702": "a role leaves something out or says it twice",
    "E0703": "a setting is unknown or malformed",
    "E0704": "a channel is repeated or its capacity is out of range",
    "E0705": "a message goes to another role without a channel",
    "E0706": "a setting is out of range",
    "E0707": "an I/O kind needs receive buffers and the role has none",
    "E0708": "a program has more isolates than a shard can number",
}

# Found by the C++ compiler, at the clause in the spec or in the handler that breaks the rule.
COMPILED: frozenset[str] = frozenset(
    code for code in CODES if code.startswith("E04") or code in ("E0510", "E0511")
)
