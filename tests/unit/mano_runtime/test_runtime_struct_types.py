from __future__ import annotations

import subprocess
import sys

DECODED_IN_THREADS = """
from __future__ import annotations
import sys
import threading
import msgspec
from mano_runtime.struct_types import settle_struct_types

sys.setswitchinterval(1e-6)

def decoded(struct_type, start):
    start.wait()
    msgspec.json.decode(b'{"inner": [{"number": 3}]}', type=struct_type)

for _ in range(100):
    class Inner(msgspec.Struct, frozen=True, kw_only=True):
        text: str = ""
        number: int | None = None

    class Outer(msgspec.Struct, frozen=True, kw_only=True):
        inner: tuple[Inner, ...] = ()

    settle_struct_types()
    start = threading.Barrier(2)
    threads = [threading.Thread(target=decoded, args=(Outer, start)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


def test_settled_types_are_decoded_in_threads():
    """Types that were settled can be used first by several threads at once; others take the process down with them."""
    done = subprocess.run([sys.executable, "-c", DECODED_IN_THREADS], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
