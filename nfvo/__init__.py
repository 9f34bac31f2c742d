"""The NFV Orchestrator: catalogue, network services, grants (ETSI GS NFV-SOL 005), and the server of the whole stack.

``sol005``      the Os-Ma-nfvo reference point: data types and routes
``extensions``  what ETSI leaves open, under ``/mano/v1``
``catalogue``   VNF packages and NS descriptors
``planning``    pure functions from an NSD and what is asked to the constituents that shall exist
``grants``      what a VNFM may do, and where
``lifecycle``   operations on network services
``inventory``   records of network services and of VIMs
``cli``         the operator's client of the public interfaces
``server``      the composition root: everything above and the VNFM in one process
"""
