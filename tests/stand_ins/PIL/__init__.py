"""Of PIL: `Image`."""
