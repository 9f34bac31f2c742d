"""The reference point Or-Vnfm over HTTP, as the NFVO speaks it (SOL003): what it serves to VNFMs, and asks of them."""
