-- Where the polygons of places run, each for its time.  What a change replaced stands in area_change.
CREATE TABLE area (
    place INT NOT NULL,
    valid_from INT NOT NULL,
    valid_to INT,                       -- first day on which it no longer holds
    shape TEXT NOT NULL,                -- points "lon,lat", CGCS2000 degrees x 10^7; see docs/decisions/020
    synthetic FLAG NOT NULL,
    PRIMARY KEY (place, valid_from)
);

-- Shapes of districts made before areas were kept.
INSERT INTO area (place, valid_from, valid_to, shape, synthetic)
    SELECT place, valid_from, NULL, ring, synthetic FROM place_shape;
DROP TABLE place_shape;

CREATE TABLE area_change (
    id ID,
    at INT NOT NULL,
    day INT NOT NULL,                   -- from which it holds
    kind TEXT NOT NULL,                 -- draw, import, split, merge
    place INT NOT NULL,
    post INT,                           -- who, in which post; empty: the command line
    reason TEXT NOT NULL,
    was TEXT NOT NULL                   -- the shape that held until then, empty if there was none
);
CREATE INDEX area_change_by_place ON area_change (place, id);

-- One row: how often areas have changed, so that a map in memory knows whether it is the newest.
CREATE TABLE area_edition (
    id INT NOT NULL PRIMARY KEY,
    number INT NOT NULL
);
