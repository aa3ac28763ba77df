# SPDX-License-Identifier: Apache-2.0
"""Skeletons of handlers: what a user has to write, in a form that compiles before it is written.

A stub starts an isolate and enters its states; every other handler crashes and says that it is to
be written, so that nothing is lost silently. The signatures are those that the contract asks for.
"""

from tina_gen.stub.insert import Insertion, Refused, insert
from tina_gen.stub.skeleton import Skeleton, definitions, skeletons

__all__ = ["Insertion", "Refused", "Skeleton", "definitions", "insert", "skeletons"]
