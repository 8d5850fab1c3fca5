-- What happened, in the order it happened to each matter.  Rows are added and never changed.
-- canon is the canonical JSON of the event (RFC 8785): what a later Merkle log hashes.  Personal values and
-- the acting post stand in it only as salted commitments; the values are sealed beside it.
CREATE TABLE event (
    id ID,
    matter INT NOT NULL,
    n INT NOT NULL,             -- 1, 2, … without gaps
    at INT NOT NULL,
    step TEXT NOT NULL,
    from_state TEXT NOT NULL,   -- empty for the first
    to_state TEXT NOT NULL,
    role TEXT NOT NULL,
    post INT,
    person INT,
    class TEXT NOT NULL,        -- public, counted, sealed: what a log may show of it
    canon TEXT NOT NULL,
    UNIQUE (matter, n)
);
CREATE INDEX event_by_person ON event (person, at) WHERE person IS NOT NULL;
