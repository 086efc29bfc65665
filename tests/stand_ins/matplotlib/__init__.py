"""Of matplotlib: what a script calls to draw, without a drawing."""


def use(backend):
    """Any will do."""
