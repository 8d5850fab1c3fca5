-- A place keeps its id for ever; its code, names and parent are those of a period.  Codes are not keys:
-- three were given to other communities between the editions of 2017 and 2023.
CREATE TABLE place (
    id ID,
    level TEXT NOT NULL,
    parent INT,
    path TEXT NOT NULL UNIQUE,          -- "/1/7/52/": everything inside begins with it
    code TEXT NOT NULL,                 -- these four: of the last period
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    valid_to INT,                       -- day it ended, empty while it stands
    synthetic FLAG NOT NULL
);
CREATE INDEX place_by_parent ON place (parent, code);
CREATE INDEX place_by_code ON place (code);

CREATE TABLE place_period (
    place INT NOT NULL,
    valid_from INT NOT NULL,
    valid_to INT,                       -- first day on which it no longer holds
    code TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    parent INT,
    PRIMARY KEY (place, valid_from)
);
CREATE INDEX place_period_by_code ON place_period (code, valid_from);

CREATE TABLE place_succession (
    id ID,
    day INT NOT NULL,
    kind TEXT NOT NULL,                 -- rename, recode, move, merge, split, end, new
    old_place INT,
    new_place INT,
    old_code TEXT NOT NULL,
    new_code TEXT NOT NULL
);

CREATE TABLE place_shape (
    place INT NOT NULL,
    valid_from INT NOT NULL,
    ring TEXT NOT NULL,                 -- "lon,lat lon,lat …", CGCS2000 degrees x 10^7, closed
    synthetic FLAG NOT NULL,
    PRIMARY KEY (place, valid_from)
);
