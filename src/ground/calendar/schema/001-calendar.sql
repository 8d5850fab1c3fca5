-- What was published about each year, in the order it came: a change is a new version, never an edit.
CREATE TABLE calendar_version (
    id ID,
    year INT NOT NULL,
    version INT NOT NULL,            -- 1, 2, … within the year
    published INT,                   -- day of the notice; empty where the source does not say
    source TEXT NOT NULL,
    UNIQUE (year, version)
);

CREATE TABLE calendar_exception (
    version INT NOT NULL,            -- calendar_version.id
    day INT NOT NULL,
    is_workday FLAG NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (version, day)
);

-- Every day of every published year under its newest version.  ordinal counts working days up to and
-- including this one, so that counting is a subtraction and adding is one look into an index.
CREATE TABLE calendar_day (
    day INT NOT NULL PRIMARY KEY,
    year INT NOT NULL,
    is_workday FLAG NOT NULL,
    ordinal INT NOT NULL,
    name TEXT NOT NULL
) KEYED;
CREATE INDEX calendar_day_by_ordinal ON calendar_day (ordinal, day);

-- Orders of the place itself (typhoon, epidemic): days on which named clocks stand still.
CREATE TABLE calendar_order (
    id ID,
    first_day INT NOT NULL,
    last_day INT NOT NULL,
    clock TEXT NOT NULL,             -- the name of a clock, or * for every one
    reason TEXT NOT NULL,
    source TEXT NOT NULL
);
