"""Floor 1½: looking at one file, in this process or in a sandboxed child (SPEC 5.7).

A thread in libvips cannot be cancelled and a crash takes the process with it; what is suspected of
either is looked at by `python -m photostore.decode`, which can be killed.
"""
