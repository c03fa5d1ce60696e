"""The use cases: each strings the stages together that one command of the command line needs."""
