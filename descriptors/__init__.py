"""TOSCA and NFV packages in, NFV model out. Pure: no network, no database, nothing first-party imported.

``diagnostics``  a finding: severity, code, message, place, hint
``csar``         an archive opened safely;  ``manifest``  its metadata, manifest and digests
``tosca``        YAML, imports, types and templates of TOSCA documents
``sol001``       from a TOSCA topology to the NFV model, with the rules of SOL001
``model``        the frozen NFV model; no word of TOSCA in it
``onboarding``   the whole way: a file in, a model and its findings out
"""
