"""How far our API is torch's: its names, and its own samples of every operator."""
