-- Items of the window as they were: a matter pins the version it began under.
CREATE TABLE item_version (
    id ID,
    item TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    fields TEXT NOT NULL,         -- the shared field file it was read with
    sounds TEXT NOT NULL,         -- pinyin of its names, for the search
    since INT NOT NULL
);

-- Applications being filled in; their values are sealed (kind draft).
CREATE TABLE draft (
    id ID,
    token_hash BYTES NOT NULL UNIQUE,
    item_version INT NOT NULL,
    started_at INT NOT NULL,
    touched_at INT NOT NULL
);
CREATE INDEX draft_by_time ON draft (touched_at);

-- Papers that were photographed or sent; of a draft, later of a matter.  Content is sealed in pieces.
CREATE TABLE paper (
    id ID,
    draft INT,
    matter INT,
    n INT NOT NULL,               -- event it came with; 0 while it waits for one
    paper TEXT NOT NULL,          -- code within the item
    content_type TEXT NOT NULL,
    size_bytes INT NOT NULL,
    pages INT NOT NULL,
    has_thumbnail FLAG NOT NULL,
    is_whole FLAG NOT NULL,       -- all pieces are there
    added_at INT NOT NULL
);
CREATE INDEX paper_by_draft ON paper (draft) WHERE draft IS NOT NULL;
CREATE INDEX paper_by_matter ON paper (matter, n) WHERE matter IS NOT NULL;

CREATE TABLE paper_piece (
    paper INT NOT NULL,
    kind INT NOT NULL,            -- 0 content, 1 thumbnail
    n INT NOT NULL,
    blob BYTES NOT NULL,
    PRIMARY KEY (paper, kind, n)
);

-- Each time a case had to be typed into another system as well.
CREATE TABLE double_keying (
    id ID,
    item TEXT NOT NULL,
    day INT NOT NULL
);
