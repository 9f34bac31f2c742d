"""What the findings mean: The archive and its manifest (SOL004, SOL007)."""

from descriptors.explanations.explanation import Explanation

EXPLANATIONS = {
    "csar-not-zip": Explanation(
        meaning="Neither a zip archive nor a YAML file, or a zip that is cut short.",
        remedy=(
            "Give the CSAR itself, its directory, or one YAML file. Upload or copy the archive again when "
            "it is cut short."
        ),
        clause="SOL004 4.1.1",
    ),
    "csar-path-escapes": Explanation(
        meaning=("A member's name is absolute, has `..`, a drive, a backslash or control characters, or is too long."),
        remedy="Name every member relative to the archive's root, with `/` between the parts.",
        clause="SOL004 4.1.1",
    ),
    "csar-duplicate-name": Explanation(
        meaning="Two members have one name, or names that differ in case only.",
        remedy="Keep one of the two, or give them names that differ in more than case.",
    ),
    "csar-not-a-file": Explanation(
        meaning="A member is a symbolic link or a device.",
        remedy="Pack the file that the link leads to (`zip` follows links unless told otherwise).",
    ),
    "csar-encrypted": Explanation(
        meaning="A member is encrypted by zip.",
        remedy=(
            "Pack the member without a zip password. What must stay secret is carried as an artifact encrypted by CMS."
        ),
        clause="SOL004 5.5",
    ),
    "csar-compression": Explanation(
        meaning="A member is packed by a method that is not known here.",
        remedy="Pack the archive with deflate.",
    ),
    "csar-too-many-members": Explanation(
        meaning="More files than the limit.",
        remedy="Pack what belongs together into one artifact, or raise the limit of the server.",
    ),
    "csar-too-big": Explanation(
        meaning="A member, or all together, unpack to more than the limit.",
        remedy="Leave large images to the VIM or to an address, or raise the limit of the server.",
    ),
    "csar-zip-bomb": Explanation(
        meaning="A member unpacks to far more than it takes, or members share bytes.",
        remedy=(
            "Build the archive anew with an ordinary packer. A file that really is that compressible is "
            "best carried packed."
        ),
    ),
    "csar-broken-member": Explanation(
        meaning="A member's bytes are broken, or not as many as the archive says.",
        remedy="Build the archive anew from the files; it was damaged on the way, or by its packer.",
    ),
    "csar-no-definitions": Explanation(
        meaning=(
            "No document to start from: `Entry-Definitions` is missing or leads nowhere, or not exactly one "
            "YAML document lies at the root."
        ),
        remedy=(
            "Name the service template as `Entry-Definitions` in `TOSCA-Metadata/TOSCA.meta`, or keep "
            "exactly one YAML document at the root."
        ),
        clause="SOL004 4.1.2.3",
    ),
    "document-too-big": Explanation(
        meaning="A YAML document, TOSCA.meta or manifest larger than the limit.",
        remedy="Split the document by imports; data that is no descriptor belongs into an artifact.",
    ),
    "meta-unreadable-line": Explanation(
        severity="warning",
        meaning="A line of TOSCA.meta that is no `Key: value`.",
        remedy="Write each line of the block as `Key: value`, or take it out.",
        clause="SOL004 4.1.2.3",
    ),
    "manifest-missing": Explanation(
        meaning="TOSCA.meta names a manifest that is not there.",
        remedy="Add the manifest, or correct `ETSI-Entry-Manifest` in TOSCA.meta.",
        clause="SOL004 4.3.2",
    ),
    "manifest-digest": Explanation(
        meaning="A file is not what the manifest says. It was changed after the manifest was written.",
        remedy=(
            "Find out who changed the file. If it was you, bring the digests up to date with `mano "
            "descriptor pack --refresh-digests`."
        ),
        clause="SOL004 4.3.2",
    ),
    "manifest-algorithm": Explanation(
        meaning="A digest by MD5, SHA-1 or something unknown.",
        remedy="Give the digest by SHA-256 or SHA-512.",
        clause="SOL004 4.3.2",
    ),
    "manifest-source-missing": Explanation(
        severity="warning",
        meaning="A file is listed and not in the package. Large images are often left out.",
        remedy=(
            "Add the file, or take its entry out of the manifest; a file that is fetched elsewhere is "
            "listed by its address."
        ),
        clause="SOL004 4.3.2",
    ),
    "manifest-unlisted": Explanation(
        severity="warning",
        meaning="A file is in the package and not listed: nothing proves that it is unchanged.",
        remedy="List the file in the manifest with `Source`, `Algorithm` and `Hash`.",
        clause="SOL004 4.3.2",
    ),
    "manifest-no-metadata": Explanation(
        severity="warning",
        meaning="The manifest has no metadata section.",
        remedy="Begin the manifest with a `metadata:` section that names provider, product and version.",
        clause="SOL004 4.3.2",
    ),
    "manifest-unreadable-line": Explanation(
        severity="warning",
        meaning="A line of the manifest that has no meaning where it stands.",
        remedy=("Take the line out, or put it where it belongs: below `metadata:`, or in the entry of a `Source:`."),
        clause="SOL004 4.3.2",
    ),
    "image-not-in-package": Explanation(
        severity="warning",
        meaning="A software image that the package does not carry. It is looked up on the VIM by name and digest.",
        remedy=("Carry the image and name it as an artifact of the VDU or storage; or make sure that the VIM has it."),
        clause="SOL001 tosca.artifacts.nfv.SwImage",
    ),
    "script-not-in-package": Explanation(
        severity="warning",
        meaning="A script of a life cycle operation that the package does not carry.",
        remedy=("Carry the script, or correct its path, which counts from the document or from the package's root."),
        clause="SOL001 tosca.interfaces.nfv.Vnflcm",
    ),
    "more-findings": Explanation(
        severity="info",
        meaning="There were more findings than are kept.",
        remedy="Mend what is shown and check again.",
    ),
}
