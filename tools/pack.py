#!/usr/bin/env python3
"""Packs files into one C source, so that the program carries them inside itself.

    usage: pack.py OUT.c DEPFILE SOURCE_ROOT [PATH=FILE ...]

Packed from the source tree: schema files (schema/MODULE/NAME), flows (flows/NAME), profiles; then what is
named on the command line.  The depfile names every file and directory read, so a new file is noticed.
"""
import os
import sys


def walk(root, start):
    for directory, folders, names in os.walk(os.path.join(root, start)):
        folders.sort()
        yield directory, None
        for name in sorted(names):
            yield directory, name


def collect(root):
    files, seen = {}, []
    for directory, name in walk(root, "src"):
        seen.append(directory)
        if name and name.endswith(".sql") and os.path.basename(directory) == "schema":
            module = os.path.basename(os.path.dirname(directory))
            files[f"schema/{module}/{name}"] = os.path.join(directory, name)
        if name and name.endswith(".flow.yaml"):
            files[f"flows/{name}"] = os.path.join(directory, name)
    for directory, name in walk(root, "profiles"):
        seen.append(directory)
        if name and not name.endswith(".md"):
            path = os.path.join(directory, name)
            files[os.path.relpath(path, root)] = path
    return files, sorted(set(seen))


def main():
    out, depfile, root = sys.argv[1:4]
    files, directories = collect(root)
    for pair in sys.argv[4:]:
        path, _, file = pair.partition("=")
        files[path] = os.path.abspath(file)
    paths = sorted(files, key=lambda p: p.encode())
    lines = ['/* Made by tools/pack.py. */', '#include "files/files.h"', '#include "packed.h"', ""]
    for n, path in enumerate(paths):
        lines.append(f'__asm__(".section .rodata\\n.balign 16\\npacked_{n}:\\n.incbin \\"{files[path]}\\"\\n'
                     f'packed_{n}_end:\\n.byte 0\\n.previous\\n");')
        lines.append(f"extern const char packed_{n}[], packed_{n}_end[];")
    lines += ["", "const PackedFile PACKED_FILES[] = {"]
    lines += [f'    {{ "{path}", packed_{n}, packed_{n}_end }},' for n, path in enumerate(paths)]
    lines += ["};", f"const size_t PACKED_FILES_N = {len(paths)};", ""]
    with open(out, "w", encoding="utf-8") as f:
        f.write("\n".join(lines))
    with open(depfile, "w", encoding="utf-8") as f:
        f.write(f"{out}: " + " ".join([files[p] for p in paths] + directories) + "\n")


if __name__ == "__main__":
    main()
