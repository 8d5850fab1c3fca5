"""heads.py -- every file says what it is for, every module has its README (style 3, 4.1)."""
import os
import re

import house

HEAD = re.compile(r"/\* (\S+) -- \S")


def find(root):
    modules = set()
    for path in house.files(root, ["src", "tests", "bench"], (".c", ".h")):
        head = HEAD.match(house.read(root, path))
        if not head:
            yield house.Finding(path, 1, "does not begin with /* file -- its purpose")
        elif head.group(1) != os.path.basename(path):
            yield house.Finding(path, 1, f"begins with the name of another file, {head.group(1)}")
        layer, module = house.layer_of(path)
        if layer in house.LAYERS:
            modules.add(f"src/{layer}/{module}" if module else f"src/{layer}")
    for folder in sorted(modules):
        if not os.path.exists(os.path.join(root, folder, "README.md")):
            yield house.Finding(f"{folder}/README.md", 1, "the module has no README")
