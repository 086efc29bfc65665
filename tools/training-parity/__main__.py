"""`python tools/training-parity`: the command is in command.py."""

import sys

from command import main

sys.exit(main())
