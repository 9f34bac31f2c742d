"""The VNF Manager: makes VNF instances out of virtual resources and keeps their records (ETSI GS NFV-SOL 003).

``sol003``     the Or-Vnfm reference point: data types and ports, all that the NFVO may see
``planning``   pure functions from a VNFD and what is asked to the resources that shall exist
``lifecycle``  operations: the rules of each state, the grant, and what is written down at the end
``inventory``  records of VNF instances
``api``        the REST interface
``service``    the composition: everything above, bound to a database, an engine and VIMs
"""
