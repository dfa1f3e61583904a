-- Each table keeps its records as JSON, in the form in which they are shown, beside what they are found by.

-- How far the journal was read: journal.Places. It is written in the same transaction as what was read.
CREATE TABLE places (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    places TEXT NOT NULL
);

-- Finished runs, in the order in which their deliveries were closed. Times are nanoseconds since 1970.
CREATE TABLE runs (
    id     INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    record TEXT    NOT NULL
);
CREATE INDEX runs_at ON runs (at);

-- The words by which a run is found; words.go says which. The index keeps no copy of them and no positions: a word is in
-- a run or it is not, and the newest runs with a word are read from the end of its list, however long that is.
CREATE VIRTUAL TABLE words USING fts5 (
    text,
    content = '', contentless_delete = 1, detail = none,
    tokenize = "ascii tokenchars '-_.=;'"
);

CREATE TABLE deliveries (
    seq    INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    record TEXT    NOT NULL
);

-- Up to which delivery each lane has handled all.
CREATE TABLE lanes (
    lane  INTEGER PRIMARY KEY,
    floor INTEGER NOT NULL
);

CREATE TABLE letters (
    seq    INTEGER PRIMARY KEY,
    record TEXT    NOT NULL
);
