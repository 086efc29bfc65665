"""How modules are converted and loaded: switches that torch means to turn one day."""

_switches = {"overwrite": False, "swap": False}


def set_overwrite_module_params_on_conversion(value: bool) -> None:
    """Whether `Module.to` and its like make new parameters; otherwise those that are there get new data."""
    _switches["overwrite"] = value


def get_overwrite_module_params_on_conversion() -> bool:
    """Whether `Module.to` and its like make new parameters."""
    return _switches["overwrite"]


def set_swap_module_params_on_conversion(value: bool) -> None:
    """Whether parameters are swapped, by `utils.swap_tensors`, with what a conversion or a state dict gives."""
    _switches["swap"] = value


def get_swap_module_params_on_conversion() -> bool:
    """Whether parameters are swapped with what a conversion or a state dict gives."""
    return _switches["swap"]
