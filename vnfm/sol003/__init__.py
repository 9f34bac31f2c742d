"""Or-Vnfm (SOL003 3.7.1): data types and the ports of both ends. All that an NFVO may see of a VNFM.

``general``                types that several interfaces share
``connectivity``           external virtual links, link ports, addresses
``requests``               what is asked of the VNF lifecycle management interface
``instances``              a VNF instance and what it is made of
``operation_occurrences``  what became of an operation
``grants``                 what the VNFM asks the NFVO before it touches resources
``ports``                  the two ends as Python protocols
"""
