-- What the opener of a matter was told, whatever the way.  Channels take rows that are still held; the matter's
-- own page shows all of them.
CREATE TABLE notice (
    id ID,
    matter INT NOT NULL,
    n INT NOT NULL,             -- of the event that says it
    at INT NOT NULL,
    state TEXT NOT NULL,        -- held, sent, failed
    channel TEXT NOT NULL
);
CREATE INDEX notice_by_matter ON notice (matter, n);
