"""The parts of `benchmark`, by the names that programs know them by."""
