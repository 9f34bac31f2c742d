"""What every MANO functional block runs on: storage, durable workflow, REST, settings, metrics.

Admission rule: both the NFVO and the VNFM use it, and it knows no word of NFV.
"""
