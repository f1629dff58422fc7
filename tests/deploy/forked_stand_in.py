"""What the tests start as a fork: says who it is, then does as its word says."""

import os
import sys
import time
from pathlib import Path

print(os.environ.get("GUANWU_WORD"), os.environ.get("GUANWU_LEFT_OVER"), os.getsid(0) == os.getpid(), Path.cwd(), sys.argv[1:], flush=True)
if sys.argv[1:] == ["stay"]:
    time.sleep(60)
sys.exit(7)
