-- Work that comes round again.  A row is claimed before the work is done, so that several processes on one
-- database do not do it twice.
CREATE TABLE job (
    name TEXT NOT NULL PRIMARY KEY,
    next_at INT NOT NULL,
    last_at INT NOT NULL,
    last_outcome TEXT NOT NULL,
    failures INT NOT NULL          -- in a row
) KEYED;
