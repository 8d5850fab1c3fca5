-- A number that comes from law or policy, for a time.  Code asks for a rule on a date.
CREATE TABLE rule (
    rule TEXT NOT NULL,
    valid_from INT NOT NULL,
    valid_to INT,                    -- first day on which it no longer holds
    value TEXT NOT NULL,             -- an integer, a share "2/3", a date "12-31"
    unit TEXT NOT NULL,
    counting TEXT NOT NULL,          -- workday, calendar, workhour, or - where nothing is counted
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    source TEXT NOT NULL,
    confirmed FLAG NOT NULL,         -- a jurist has confirmed it for this district
    PRIMARY KEY (rule, valid_from)
);
