"""Torch's file format, read and written without torch."""
