"""Who may do what over the REST interfaces, and proof of who they are.

``scopes``          what a token allows, in SOL013's words, and what a route needs
``principal``       who asks, once they are known
``clients``         the clients of a stand-alone installation, with secrets that are not kept
``signing_keys``    the keys that our tokens are signed with, renewed from time to time
``tokens``          tokens of our own, issued and verified
``token_endpoint``  where clients get them (RFC 6749), and our public keys (RFC 7517)
``issuer``          tokens of somebody else's OpenID provider, verified
``audit``           who did what to which resource, and how that ended
``bearer``          stands before every route: 401 without a token, 403 without the scope
"""
