"""The Os-Ma-nfvo reference point: data types and routes (ETSI GS NFV-SOL 005).

``general``      types that several interfaces share
``vnfpkgm``      routes of VNF package management;  ``vnf_packages``  its types
``nsd``          routes of NSD management;  ``ns_descriptors``, ``pnf_descriptors``  its types
``entries``      what all of them have in common: creation, lists, changes
``contents``     uploads and changes;  ``files``  what is read of a content
``artifacts``    all artifacts of a package as one archive;  ``sources``  where contents are fetched from
``external_artifacts``  how what a package names by a URI is had
``package_releases``, ``nsd_releases``  the releases in which they are served;  ``release2``  the words of the older one
``nslcm``        routes of NS lifecycle management;  ``ns_requests``, ``ns_instances``  its types
"""
