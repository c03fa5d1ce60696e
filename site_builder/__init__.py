"""errgen: one catalog of errors, turned into the pages that every kind of client gets when something fails."""
