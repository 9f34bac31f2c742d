"""The NFV model: what a descriptor means, independent of how and in which release it was written.

All types are frozen and may be shared between threads. Amounts carry their unit in the attribute's name.
"""
