#!/usr/bin/env python3
"""Makes a profile's places from the editions of its official list, and its synthetic grids.

    usage: places.py profiles/cn-qingyang
           places.py profiles/town            (no editions there: only shapes.csv, from places.csv)

Reads editions/YYYY-MM-DD.csv (code,name,level,parent) and editions/pinyin.csv (name,en); writes
  places.csv      one row per period of one place: key, level, parent key, code, names, from, to
  succession.csv  what changed between two editions, and how
  shapes.csv      polygons of the district, communities and grids, laid out synthetically and marked so
A place is the same place in two editions when it kept code and name, or kept its name alone.  The days are
those of the editions; the legal days of the changes are not in the source.
"""
import csv
import os
import random
import re
import sys

SUFFIX = re.compile(r"(社区居民委员会|社区居委会|街道办事处|居民委员会|居委会|街道)$")
LEVEL_WORDS = {"subdistrict": ("街道", " Subdistrict"), "community": ("社区", " Community")}
DISTRICT_BOX = 1040000000, 1040800000, 306400000, 307000000  # west, east, south, north; CGCS2000 degrees x 1e7
TOWN_BOX = 20000000, 20600000, 545000000, 545350000  # in the North Sea, where nobody lives
COLUMNS, ROWS, CELL_COLUMNS, CELL_ROWS = 9, 8, 4, 3
TOWN_COLUMNS, TOWN_ROWS = 12, 10
SEED = 510105


def read_edition(path):
    with open(path, encoding="utf-8") as f:
        return {row["code"]: row for row in csv.DictReader(f)}


def plain(name):
    return SUFFIX.sub("", name)


def full_names(name, level, pinyin):
    zh, en = plain(name), pinyin[plain(name)]
    words = LEVEL_WORDS.get(level)
    return (zh + words[0], en + words[1]) if words else (zh, en)


class Place:
    def __init__(self, key, level):
        self.key, self.level, self.periods = key, level, []

    def last(self):
        return self.periods[-1]


def match(places, row, old_codes):
    """The place that this row of a newer edition is, or None when it is new."""
    name = plain(row["name"])
    alive = [p for p in places if p.level == row["level"] and p.last()["to"] is None]
    same = [p for p in alive if p.last()["code"] == row["code"] and p.last()["plain"] == name]
    return same[0] if same else next((p for p in alive if p.last()["plain"] == name), None)


def kind_of_change(old, new):
    if old["code"] == new["code"] and old["plain"] == new["plain"]:
        return None
    if old["plain"] != new["plain"]:
        return "rename"
    return "move" if old["parent"] != new["parent"] else "recode"


def merge_editions(editions, pinyin):
    places, changes = [], []
    for day, rows in editions:
        seen, key_of = set(), {}
        for row in rows.values():
            place = match(places, row, None) if places else None
            if place is None or place in seen:
                place = Place(len(places) + 1, row["level"])
                places.append(place)
            seen.add(place)
            key_of[row["code"]] = place.key
            zh, en = full_names(row["name"], row["level"], pinyin)
            new = {"code": row["code"], "plain": plain(row["name"]), "zh": zh, "en": en,
                   "parent": key_of.get(row["parent"], ""), "from": day, "to": None}
            if not place.periods:
                place.periods.append(new)
                if day != editions[0][0]:
                    changes.append((day, "new", "", place.key, "", new["code"]))
                continue
            old = place.last()
            kind = kind_of_change(old, new)
            if kind:
                old["to"] = day
                place.periods.append(new)
                changes.append((day, kind, place.key, place.key, old["code"], new["code"]))
        changes += close_missing(places, seen, day)
    return places, changes


def close_missing(places, seen, day):
    """Places of the older edition that the newer one lacks.  A subdistrict whose surviving communities all
    went to one other is recorded as merged into it; where the source does not say, the successor is empty."""
    gone = [p for p in places if p not in seen and p.last()["to"] is None]
    out = []
    for place in gone:
        place.last()["to"] = day
        heirs = {c.last()["parent"] for c in places if c.level == "community" and len(c.periods) > 1
                 and c.periods[-2]["parent"] == place.key and c.last()["to"] is None}
        if place.level == "subdistrict" and heirs:
            for heir in sorted(heirs):
                code = next(p.last()["code"] for p in places if p.key == heir)
                out.append((day, "merge" if len(heirs) == 1 else "split", place.key, heir,
                            place.last()["code"], code))
        else:
            out.append((day, "end", place.key, "", place.last()["code"], ""))
    return out


def write_csv(path, header, rows):
    with open(path, "w", encoding="utf-8", newline="") as f:
        writer = csv.writer(f, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


# ------------------------------------------------------------------ synthetic shapes

def lattice(box, columns, rows):
    """Corner points of all small cells, jittered inside, straight at the outer border."""
    rng = random.Random(SEED)
    west, east, south, north = box
    step_x, step_y = (east - west) // columns, (north - south) // rows
    points = {}
    for i in range(columns + 1):
        for j in range(rows + 1):
            dx = rng.randint(-step_x // 4, step_x // 4) if 0 < i < columns else 0
            dy = rng.randint(-step_y // 4, step_y // 4) if 0 < j < rows else 0
            points[i, j] = (west + i * step_x + dx, north - j * step_y + dy)
    return points


def outline(cells, points):
    """The ring around a connected set of cells, counter-clockwise, first point repeated at the end."""
    edges = {}
    for i, j in cells:
        corners = [(i, j), (i, j + 1), (i + 1, j + 1), (i + 1, j)]
        for a, b in zip(corners, corners[1:] + corners[:1]):
            if (b, a) in edges:
                del edges[b, a]
            else:
                edges[a, b] = True
    after = dict(edges.keys())
    start = min(after)
    ring, at = [start], after[start]
    while at != start:
        ring.append(at)
        at = after[at]
    return " ".join("%d,%d" % points[p] for p in ring + [start])


def deal_cells(communities):
    """Blocks in a snake through the rows, so that communities of one subdistrict lie together; the blocks
    left over go to every few communities as a second one."""
    snake = []
    for row in range(ROWS):
        columns = range(COLUMNS) if row % 2 == 0 else range(COLUMNS - 1, -1, -1)
        snake += [(column, row) for column in columns]
    spare = len(snake) - len(communities)
    every = len(communities) // spare if spare else 0
    cells, at = {}, 0
    for n, community in enumerate(communities):
        blocks = 2 if spare and n % every == every - 1 and n // every < spare else 1
        cells[community.key] = [(c * CELL_COLUMNS + i, r * CELL_ROWS + j) for c, r in snake[at:at + blocks]
                                for i in range(CELL_COLUMNS) for j in range(CELL_ROWS)]
        at += blocks
    return cells


def grid_groups(cells, rng):
    """8 to 12 grids from the cells: neighbours in one column are joined until the count is right.
    Numbered west to east, and north to south inside a column."""
    groups = [[cell] for cell in sorted(cells)]
    want = rng.randint(8, 12)
    while len(groups) > want:
        pairs = [n for n in range(len(groups) - 1)
                 if len(groups[n]) + len(groups[n + 1]) <= 4
                 and groups[n][-1][0] == groups[n + 1][0][0] and groups[n][-1][1] + 1 == groups[n + 1][0][1]]
        n = min(pairs, key=lambda k: (len(groups[k]) + len(groups[k + 1]), rng.random()))
        groups[n] += groups.pop(n + 1)
    return groups


def make_shapes(places):
    columns, height = COLUMNS * CELL_COLUMNS, ROWS * CELL_ROWS
    points, rng = lattice(DISTRICT_BOX, columns, height), random.Random(SEED + 1)
    district = next(p for p in places if p.level == "district")
    every = {(i, j) for i in range(columns) for j in range(height)}
    alive = [p for p in places if p.level == "community" and p.last()["to"] is None]
    alive.sort(key=lambda p: p.last()["code"])
    rows = [(district.last()["code"], "district", outline(every, points))]
    for community, cells in zip(alive, deal_cells(alive).values()):
        code = community.last()["code"]
        rows.append((code, "community", outline(set(cells), points)))
        for number, group in enumerate(grid_groups(cells, rng), 1):
            rows.append((f"{code}{number:03d}", "grid", outline(set(group), points)))
    return rows


def town_shapes(rows):
    """The town, and its standing wards side by side from west to east, each as wide as it comes."""
    points = lattice(TOWN_BOX, TOWN_COLUMNS, TOWN_ROWS)
    town = next(r for r in rows if r["level"] == "town")
    wards = sorted((r for r in rows if r["level"] == "ward" and not r["to"]), key=lambda r: r["code"])
    shapes = [(town["code"], "town", outline({(i, j) for i in range(TOWN_COLUMNS) for j in range(TOWN_ROWS)}, points))]
    for n, ward in enumerate(wards):
        first, last = n * TOWN_COLUMNS // len(wards), (n + 1) * TOWN_COLUMNS // len(wards)
        shapes.append((ward["code"], "ward",
                       outline({(i, j) for i in range(first, last) for j in range(TOWN_ROWS)}, points)))
    return shapes


def main():
    profile = sys.argv[1]
    folder = os.path.join(profile, "editions")
    if not os.path.isdir(folder):
        with open(os.path.join(profile, "places.csv"), encoding="utf-8") as f:
            shapes = town_shapes(list(csv.DictReader(f)))
        write_csv(os.path.join(profile, "shapes.csv"), ["code", "level", "ring"], shapes)
        print(f"{len(shapes)} shapes")
        return
    days = sorted(n[:-4] for n in os.listdir(folder) if re.match(r"\d{4}-\d\d-\d\d\.csv$", n))
    with open(os.path.join(folder, "pinyin.csv"), encoding="utf-8") as f:
        pinyin = {row["name"]: row["en"] for row in csv.DictReader(f)}
    editions = [(day, read_edition(os.path.join(folder, day + ".csv"))) for day in days]
    places, changes = merge_editions(editions, pinyin)
    write_csv(os.path.join(profile, "places.csv"),
              ["key", "level", "parent", "code", "zh", "en", "from", "to"],
              [(p.key, p.level, t["parent"], t["code"], t["zh"], t["en"], t["from"], t["to"] or "")
               for p in places for t in p.periods])
    write_csv(os.path.join(profile, "succession.csv"),
              ["day", "kind", "old", "new", "old_code", "new_code"], changes)
    shapes = make_shapes(places)
    write_csv(os.path.join(profile, "shapes.csv"), ["code", "level", "ring"], shapes)
    grids = sum(1 for s in shapes if s[1] == "grid")
    print(f"{len(places)} places, {len(changes)} changes, {grids} grids in {len(shapes) - grids - 1} communities")


if __name__ == "__main__":
    main()
