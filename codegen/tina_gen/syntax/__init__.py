# SPDX-License-Identifier: Apache-2.0
"""The syntax of `.tina` files: lexer, parser and syntax tree for the whole grammar."""
