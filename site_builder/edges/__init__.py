"""Who decides what a client gets: one file or folder an edge."""
