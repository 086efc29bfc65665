"""`python tools/kernels-check`: the command is in kernels.py."""

import sys

from kernels import main

sys.exit(main())
