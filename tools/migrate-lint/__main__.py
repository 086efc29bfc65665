"""`python tools/migrate-lint FILES`: the command is in lint.py."""

import sys

from lint import main

sys.exit(main())
