"""Where the checkout is, and its rooms."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("descriptors", "vim_adapters", "mano_runtime", "vnfm", "nfvo")
