-- The few facts a database knows about itself: which profile it was made with.
CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) KEYED;
