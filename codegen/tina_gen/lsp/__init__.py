# SPDX-License-Identifier: Apache-2.0
"""The language server: what an editor shows of a spec while it is written.

`session.py` answers questions about texts and knows nothing of the protocol; `server.py` speaks it
through pygls, which is an optional dependency and imported there alone. Everything runs on one
thread.
"""
