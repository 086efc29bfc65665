"""Of six: `moves.urllib`."""
