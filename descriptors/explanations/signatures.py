"""What the findings mean: signatures and certificates (SOL004 clause 5)."""

from descriptors.explanations.explanation import Explanation

EXPLANATIONS = {
    "signature-tampered": Explanation(
        meaning="What a signature is for is not what was signed: it, or the signature, was changed afterwards.",
        remedy="Get the package anew from who signed it. Whoever changed it on purpose signs it again.",
        clause="SOL004 5",
    ),
    "signature-unreadable": Explanation(
        meaning=(
            "Where a signature is expected there is none that can be verified: no CMS, or an algorithm that proves "
            "nothing (MD5, SHA-1) or is not known here."
        ),
        remedy="Sign anew: CMS signed data (RFC 5652) with SHA-256 or better, by an RSA, ECDSA or EdDSA key.",
        clause="SOL004 5",
    ),
    "signature-unknown-signer": Explanation(
        severity="error, warning",
        meaning=(
            "The signer's certificate is neither in the signature, nor in the package, nor in the trust store. Nothing "
            "is proved. Error where signatures are required."
        ),
        remedy=(
            "Carry the certificate in the signature, name it in TOSCA.meta with `ETSI-Entry-Certificate`, lay it "
            "beside the manifest under the manifest's name, or put it into the trust store."
        ),
        clause="SOL004 5.3",
    ),
    "signature-untrusted": Explanation(
        severity="error, warning",
        meaning=(
            "What is signed is as it was signed, by somebody for whom nobody in the trust store vouches. Error where "
            "trusted signatures are required."
        ),
        remedy=(
            "If you believe the signer, put the certificate, or better that of its authority, into the trust store. "
            "A signer's certificate must be for digital signatures."
        ),
    ),
    "signature-expired": Explanation(
        severity="error, warning",
        meaning=(
            "The signer would be trusted, and the certificate is not valid at the time that counts. Error where "
            "trusted signatures are required."
        ),
        remedy=(
            "Have the package signed anew; or let the time count at which the signer says that it was signed, with the "
            "setting `signature_time`."
        ),
    ),
    "signature-missing": Explanation(
        severity="error, warning",
        meaning="The package is not signed. Told where there is a trust store; error where signatures are required.",
        remedy="Sign it with `mano descriptor sign`.",
        clause="SOL004 5.1",
    ),
    "signature-uncovered": Explanation(
        meaning=(
            "Signatures are required, and the signed manifest has no digest of a file: anybody may have put it in."
        ),
        remedy="List the file in the manifest with its digest, and sign again.",
        clause="SOL004 5.1",
    ),
    "signature-file-missing": Explanation(
        severity="warning",
        meaning="The manifest or TOSCA.meta names a signature or a certificate that is not in the package.",
        remedy="Put the file into the package, or take its name out.",
        clause="SOL004 5.3",
    ),
    "signature-of-nothing": Explanation(
        severity="warning",
        meaning="A file is a signature by its name, and no one file beside it has that name.",
        remedy="Name it after its file, with `.cms` at the end, or name it in the manifest (`Signature`).",
        clause="SOL004 5.3",
    ),
    "trust-store-unreadable": Explanation(
        severity="warning",
        meaning="A file in the trust store holds no certificate that can be read; nobody is trusted by it.",
        remedy="Put certificates there, PEM or DER.",
    ),
}
