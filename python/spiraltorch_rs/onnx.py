"""What models ask while torch writes them as ONNX: here nothing is written."""


def is_in_onnx_export() -> bool:
    """Whether a model is being written: never."""
    return False
