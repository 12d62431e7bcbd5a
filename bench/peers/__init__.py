"""Our server beside peers: the same four questions, on the same database, asked the same way.

Each peer is a server that somebody could have built instead of ours, in a process of its own. Nothing is timed before
all of them have given the same answers.
"""
