"""`make demo`: a scored town and the processes that serve it.

The process that starts here loads no Django: a command prepares the town, while the web process loads beside it.
"""
