"""Modules by the name they have in Python 3."""

import urllib
import urllib.request

__all__ = ["urllib"]
