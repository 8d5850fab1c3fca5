"""layers.py -- who may know whom (design 3): nobody looks up, and a folder shows one header.

Read twice: from the #include lines, which say where, and from the dependency files of build/debug, which
the compiler wrote and which see through every way round.  Generated files count as the layer they are built in.
"""
import os
import re
import subprocess

import house
from csource import Source

INCLUDE = re.compile(r'^(?:[ \t]*#|%[ \t]*#)[ \t]*include[ \t]+(.*?)[ \t]*$', re.M)
NAMED = re.compile(r'(["<])([^">]+)[">]')
ONLY_IN = {"microhttpd.h": "src/web/server/", "sqlite3.h": "src/store/sqlite/",
           "geos_c.h": "src/ground/areas/"}
INSIDE_LAYER = {"src/store/driver/driver.h"}  # a visible header that stays within its layer
BUILT = re.compile(r"^src/liblinli-(\w+)\.a\.p/(.*)$")
BUILD = "build/debug"


def find(root):
    known, told = headers(root), set()
    for path in house.files(root, ["src"], (".c", ".h", ".html")):
        for line, what, target in of_file(root, path, known):
            told.add(target)
            yield house.Finding(path, line, what)
    yield from of_compiler(root, known, told)


# ---------------------------------------------------------------------- what is written

def headers(root):
    """From the way a header is included to its path: "flow/flow.h", and "desk.html.h" for templates."""
    known = {}
    for path in house.files(root, ["src"], (".c", ".h", ".html")):
        if path.endswith(".html"):
            known.setdefault(os.path.basename(path) + ".h", []).append(path)
        elif house.layer_of(path)[0] in house.LAYERS:
            known.setdefault(path.split("/", 2)[2], []).append(path)
    return known


def of_file(root, path, known):
    """(line, what, target) of each rule this file breaks."""
    text = house.read(root, path)
    source = Source(text)
    lines = text if path.endswith(".html") else "\n".join(
        line if view.lstrip().startswith("#") else "" for line, view in
        zip(text.split("\n"), source.with_directives.split("\n")))
    for match in INCLUDE.finditer(lines):
        for what, target in of_include(path, match.group(1), known):
            yield house.line_at(lines, match.start()), what, target
    if path.endswith(".c"):
        yield from of_declarations(source)


def of_include(path, written, known):
    named = NAMED.match(written)
    if not named:
        yield f"#include {written}: an include names its file", None
        return
    quote, name = named.groups()
    targets = known.get(name, [])
    if name.endswith(".html.h"):  # a folder's own template comes first
        targets = [t for t in targets if os.path.dirname(t) == os.path.dirname(path)] or targets
    if ".." in name.split("/") or name.startswith("/"):
        yield f"includes {name}: a path starts at a layer, never with .. or /", None
    elif quote == "<" and targets:
        yield f"includes <{name}>: our own headers stand in quotes", None
    elif quote == '"' and not targets:
        yield f"includes {name}, which is in no layer", None
    elif len(targets) > 1:
        yield f"includes {name}, which could be any of {', '.join(targets)}", None
    elif targets:
        yield from ((what, targets[0]) for what in between(path, targets[0]))
    elif name in ONLY_IN and not path.startswith(ONLY_IN[name]):
        yield f"includes {name}, which only {ONLY_IN[name]} may", name


def between(path, target):
    """What is wrong with a file knowing a header."""
    layer, module = house.layer_of(path)
    its_layer, its_module = house.layer_of(target)
    if is_above(layer, its_layer):
        yield f"{layer} looks up to {its_layer}: {target}"
    elif layer == its_layer == "services" and module != its_module:
        yield f"a service includes another service: {target}"
    elif (layer, module) != (its_layer, its_module) and its_module:
        if target != f"src/{its_layer}/{its_module}/{its_module}.h":
            yield f"includes {target}; outside its folder only {its_module}/{its_module}.h is visible"
        elif target in INSIDE_LAYER and layer != its_layer:
            yield f"includes {target}, which is for the layer {its_layer} alone"
    if target.endswith(".c"):
        yield f"includes a source file: {target}"


def is_above(layer, its_layer):
    if layer not in house.LAYERS or its_layer not in house.LAYERS:
        return its_layer != layer
    return house.LAYERS.index(its_layer) > house.LAYERS.index(layer)


def of_declarations(source):
    """Declaring another file's names by hand is an include in disguise."""
    for head in source.declarations():
        words = [t.text for t in head]
        line = source.line(head[0].at)
        if "typedef" in words or "static" in words or words[0] == "_Static_assert":
            continue
        if "extern" in words and "{" not in words:
            yield line, f"extern {words[words.index('extern') + 1:][-1]}: declare it in a header", None
        elif words[-1] == ")" and "=" not in words and "{" not in words:
            yield line, f"declares {words[words.index('(') - 1]} by hand: include its header", None


# ---------------------------------------------------------------------- what was compiled

def of_compiler(root, known, told):
    for path, targets in read_dependencies(root, known):
        layer, module = house.layer_of(path)
        for target in sorted(set(targets) - told):
            its_layer, its_module = house.layer_of(target)
            outside = ONLY_IN.get(os.path.basename(target))
            if its_layer and is_above(layer, its_layer):
                yield house.Finding(path, 1, f"{layer} depends on {its_layer}: {target}")
            elif layer == its_layer == "services" and None not in (module, its_module) and module != its_module:
                yield house.Finding(path, 1, f"a service depends on another service: {target}")
            elif outside and not path.startswith(outside) and os.path.basename(target) not in told:
                yield house.Finding(path, 1, f"depends on {os.path.basename(target)}, which only {outside} may")


def read_dependencies(root, known):
    """(source, headers) of each object of the debug build, from ninja's own record or from .d files."""
    build = os.path.join(root, BUILD)
    if os.path.exists(os.path.join(build, "build.ninja")):
        text = subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True).stdout
        groups = [re.findall(r"^    (.*)$", part, re.M) for part in text.split("\n\n")]
    else:
        groups = [re.sub(r"\\\n", " ", house.read(root, path)).split(":", 1)[1].split()
                  for path in house.files(root, [BUILD], (".d",))]
    objects = [[from_root(name, known) for name in group] for group in groups if group]
    if not objects:
        raise house.Missing(f"{BUILD} holds no dependencies; run make debug")
    return [(group[0], group[1:]) for group in objects
            if group[0].startswith("src/") and os.path.exists(os.path.join(root, group[0]))]


def from_root(name, known):
    """A name as the build folder sees it, seen from the root; what a template became counts as the template."""
    built = BUILT.match(name)
    if not built:
        return os.path.normpath(os.path.join(BUILD, name))
    templates = known.get(built.group(2).removesuffix(".c").removesuffix(".h") + ".h", [])
    mine = [t for t in templates if house.layer_of(t)[0] == built.group(1)]
    return mine[0] if mine else f"src/{built.group(1)}/{built.group(2)}"
