"""The old name of what is in `hub`."""

from spiraltorch_rs.hub import load_state_dict_from_url as load_url
from spiraltorch_rs.hub import tqdm

__all__ = ["load_url", "tqdm"]
