"""Reads the headers of one picture format each, in plain Python, before any decoder sees the bytes.

Nothing in a file is trusted (SPEC 6.6): loops are bounded and offsets checked.
"""
