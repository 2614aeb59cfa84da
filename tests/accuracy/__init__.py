"""How right the facts are: every file of a corpus against what careful readers found in it.

`make accuracy` prints the table and writes docs/accuracy.md. Nothing in `photostore` knows of it.
"""
