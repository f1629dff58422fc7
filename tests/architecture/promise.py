"""`python -m tests.architecture.promise`: write down the published language as it is now."""

import json

from tests.architecture.test_the_published_language_only_grows import CLASSES, PROMISED, shape

if __name__ == "__main__":
    made = {f"{c.name}.v{c.version}": shape(c) for c in CLASSES}
    PROMISED.write_text(json.dumps(made, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    print(f"{len(made)} events")
