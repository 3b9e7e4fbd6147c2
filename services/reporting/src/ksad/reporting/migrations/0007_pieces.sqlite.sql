CREATE TABLE projection_pieces (
    name TEXT NOT NULL,
    number INTEGER NOT NULL,
    size BIGINT NOT NULL,
    "of" INTEGER NOT NULL,
    done INTEGER NOT NULL,
    sums TEXT NOT NULL,
    PRIMARY KEY (name, number)
);
