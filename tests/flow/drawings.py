#!/usr/bin/env python3
"""Every drawing of every flow is well-formed SVG that shows every state by name, in both languages."""
import glob
import os
import re
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree

LINLI = os.environ.get("LINLI", "build/debug/linli")
PROFILES = ("cn-qingyang", "town")
FLOWS = sorted(glob.glob("src/*/*/*.flow.yaml"))
STATE = re.compile(r"^  \w+: *(?:\{name|\n    name): \{zh: \"?([^,\"]+)\"?, en: \"?([^},\"]+)", re.M)
MARKS = {"svg", "defs", "marker", "path", "style", "g", "rect", "text", "title", "tspan"}


def draw(flow, profile, language, *more):
    command = [LINLI, "draw", flow, "--profile", profile, "--lang", language, *more]
    return subprocess.run(command, check=True, capture_output=True).stdout


def names_are_text_and_not_marks():
    """A name that looks like a mark is shown as it is written."""
    name = "<b>A & B</b> 'c'"
    with tempfile.TemporaryDirectory() as folder:
        text = open("src/services/onewindow/rectification.flow.yaml", encoding="utf-8").read()
        with open(f"{folder}/rectification.flow.yaml", "w", encoding="utf-8") as laid_over:
            laid_over.write(text.replace("en: To be put right", f'en: "{name}"', 1))
        drawn = draw("rectification", "cn-qingyang", "en", "--flows", folder)
    return any(element.text == name for element in ElementTree.fromstring(drawn).iter())


def state_names(path, language):
    text = open(path, encoding="utf-8").read()
    states = text[text.index("\nstates:"):text.index("\nsteps:")]
    return [names[language == "en"].strip() for names in STATE.findall(states)]


def faults(path, profile, language):
    """What is wrong with one drawing; nothing when it is sound."""
    flow = os.path.basename(path).removesuffix(".flow.yaml")
    try:
        root = ElementTree.fromstring(draw(flow, profile, language))
    except ElementTree.ParseError as error:
        return [f"not well formed: {error}"]
    marks = {element.tag.split("}")[-1] for element in root.iter()}
    shown = "".join(root.itertext())
    names = state_names(path, language)
    found = [] if names else ["the test found no states in the file"]
    found += [f"there is an element {mark}" for mark in sorted(marks - MARKS)]
    return found + [f"the state {name} is not shown" for name in names if name not in shown]


def main():
    passed = failed = 0
    for path in FLOWS:
        for profile in PROFILES:
            for language in ("zh", "en"):
                found = faults(path, profile, language)
                passed += not found
                failed += bool(found)
                for fault in found:
                    print(f"{path} ({profile}, {language}): {fault}")
    if names_are_text_and_not_marks():
        passed += 1
    else:
        failed += 1
        print("a name that looks like a mark is taken for one")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    raise SystemExit(main())
