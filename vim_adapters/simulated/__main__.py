"""``python -m vim_adapters.simulated``: look into a simulated VIM, and make it slow, small or faulty."""

from __future__ import annotations

import sys

from vim_adapters.simulated.console import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
