"""Packages made rather than read: archives from directories, their manifests, their signatures (SOL004, SOL007).

``archives``    a zip archive from a directory, the same bytes for the same files
``manifests``   the manifest that says who made it, with the digests of the files
``packing``     both together: a package from a directory
``signing``     CMS signatures over manifests, single files and whole archives
"""
