"""people.py -- no citizen number that could be a living person's stands in the tree.

Synthetic numbers have births of 1890 to 1899, or the area 510199 that was never given; the domain
handbook's own vectors are public examples.
"""
import datetime
import re

import house

FOLDERS = ["src", "tests", "profiles", "docs", "po", "ui", "tools", "bench", "deploy"]
HANDBOOK = "tests/data/vectors.json"
NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?![\dA-Za-z])")
WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
CHECKS = "10X98765432"


def find(root):
    for path in house.files(root, FOLDERS):
        if path == HANDBOOK:
            continue
        try:
            text = house.read(root, path)
        except UnicodeDecodeError:
            continue
        for match in NUMBER.finditer(text):
            if is_citizen_number(match.group()) and not is_synthetic(match.group()):
                yield house.Finding(path, house.line_at(text, match.start()), "a citizen number that could be somebody's")


def is_citizen_number(number):
    try:
        datetime.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, WEIGHTS))
    return CHECKS[total % 11] == number[17].upper()


def is_synthetic(number):
    return 1890 <= int(number[6:10]) <= 1899 or number.startswith("510199")
