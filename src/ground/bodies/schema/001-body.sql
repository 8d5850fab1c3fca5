-- Organisations: departments, service centres, stations.  A body stands in a place and may have a parent to
-- which a matter goes up when the body itself lacks a second person.
CREATE TABLE body (
    id ID,
    code TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    parent INT,
    place INT NOT NULL,
    path TEXT NOT NULL
);
CREATE INDEX body_by_path ON body (kind, path);
