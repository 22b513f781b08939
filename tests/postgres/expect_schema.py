"""Writes ``expected_schema.json`` from two databases that were loaded from the contract's files.

Usage: ``python -m tests.postgres.expect_schema PLAIN_URL CITUS_SHAPE_URL``
"""

from __future__ import annotations

import json
import sys

from tests.postgres.catalogue import describe
from tests.postgres.test_schema import EXPECTATION


def main(plain_url: str, citus_shape_url: str) -> None:
    """Write the plain shape whole and of the hosted shape what differs; "" stands for what is absent there."""
    plain, hosted = describe(plain_url), describe(citus_shape_url)
    changes = {
        kind: {
            name: hosted[kind].get(name, "")
            for name in sorted(plain[kind].keys() | hosted[kind].keys())
            if hosted[kind].get(name) != plain[kind].get(name)
        }
        for kind in plain
    }
    document = {"plain": plain, "citus_shape": changes}
    EXPECTATION.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
