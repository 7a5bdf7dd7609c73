"""The tables of a corpus, format by format. A step, once released, is never changed: a new one is added below it."""

from __future__ import annotations

APPLICATION_ID = 0x47574952
"""Says in the file's header that this SQLite database is a Groundwire corpus ("GWIR")."""

MIGRATIONS: tuple[str, ...] = (
    # Format 1.
    """
    -- corpus: the corpus's own id; model, dimension, splitter: what its passages were made with.
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

    -- Who publishes: the name that the article states and the host of its URL, each '' where unknown.
    CREATE TABLE outlet (
        number INTEGER PRIMARY KEY,
        publisher TEXT NOT NULL,
        host TEXT NOT NULL,
        UNIQUE (publisher, host)
    );

    -- AUTOINCREMENT: a number is never given twice, so that a hit of a lagging index cannot name another article.
    CREATE TABLE article (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        key TEXT NOT NULL UNIQUE,
        version TEXT NOT NULL,
        title TEXT,
        publisher TEXT,
        authors TEXT NOT NULL,       -- a JSON list
        published TEXT,
        first_day INTEGER NOT NULL,  -- what `published` may mean, yyyymmdd; see scope.py
        last_day INTEGER NOT NULL,
        outlet INTEGER NOT NULL REFERENCES outlet,
        url TEXT,
        path TEXT,
        changed TEXT NOT NULL        -- when it was last written, UTC
    );
    CREATE INDEX article_by_path ON article (path);
    CREATE INDEX article_by_day ON article (first_day, last_day);
    CREATE INDEX article_by_outlet ON article (outlet);

    -- Every version of an article's text that was ever in the corpus while the article is.
    CREATE TABLE text (
        article INTEGER NOT NULL REFERENCES article ON DELETE CASCADE,
        version TEXT NOT NULL,       -- sha256 of the text
        text BLOB NOT NULL,          -- zlib, UTF-8
        skipped TEXT NOT NULL,       -- JSON: [[start, end, kind], ...]
        encoding TEXT,               -- text encoded so is the source, byte by byte; else NULL and ...
        source BLOB,                 -- ... the source bytes, zlib
        source_hash TEXT NOT NULL,   -- sha256 of the source bytes
        added TEXT NOT NULL,
        PRIMARY KEY (article, version)
    ) WITHOUT ROWID;

    -- The passages of each article's present version.
    CREATE TABLE passage (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        article INTEGER NOT NULL REFERENCES article ON DELETE CASCADE,
        start INTEGER NOT NULL,
        end INTEGER NOT NULL,
        sentences BLOB NOT NULL      -- little-endian uint32: start, end, start, end, ... counted from the passage
    );
    CREATE INDEX passage_by_article ON passage (article);

    -- Apart from the passages, so that reading these does not drag the vectors along. A passage without one waits
    -- for a model.
    CREATE TABLE vector (
        passage INTEGER PRIMARY KEY REFERENCES passage ON DELETE CASCADE,
        vector BLOB NOT NULL         -- little-endian float16, unit length
    );

    -- One row for each article that was written or removed, in order. An index that has followed up to (generation,
    -- token) catches up by redoing the articles of all later rows; a pair that is not here means that the index
    -- followed another history (a copy, a backup that was put back) and has to be rebuilt.
    CREATE TABLE change (
        generation INTEGER PRIMARY KEY AUTOINCREMENT,
        token BLOB NOT NULL,
        article INTEGER NOT NULL
    );

    -- Files that were added: the name that their articles go by, and, once all of a file is in, its hash.
    CREATE TABLE file (
        path TEXT PRIMARY KEY,
        key_path TEXT NOT NULL UNIQUE,
        sha256 TEXT,                 -- NULL: not wholly worked through
        reader TEXT,                 -- what read it; another reader may see more in it
        articles INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID;
    """,
    # Format 2: every row carries a sum of its values, and every article says how many passages it has.
    """
    ALTER TABLE article ADD COLUMN passages INTEGER NOT NULL DEFAULT 0;
    -- 1: every passage has its vector.
    ALTER TABLE article ADD COLUMN embedded INTEGER NOT NULL DEFAULT 0;
    UPDATE article SET passages = (SELECT count(*) FROM passage WHERE passage.article = article.number);
    UPDATE article SET embedded = passages = (
        SELECT count(*) FROM passage JOIN vector ON vector.passage = passage.number
        WHERE passage.article = article.number
    );
    CREATE INDEX article_without_vectors ON article (number) WHERE embedded = 0;

    -- The CRC-32 of the row's values, in the order of COLUMNS in rag/catalog/rows.py.
    ALTER TABLE meta ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE outlet ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE article ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE text ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE passage ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE vector ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE change ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE file ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
    UPDATE meta SET sum = row_sum(name, value);
    UPDATE outlet SET sum = row_sum(number, publisher, host);
    UPDATE article SET sum = row_sum(
        number, id, version, key, title, publisher, authors, published, url, path,
        first_day, last_day, outlet, changed, passages, embedded
    );
    UPDATE text SET sum = row_sum(article, version, skipped, encoding, source_hash, added);
    UPDATE passage SET sum = row_sum(number, article, start, end, sentences);
    UPDATE vector SET sum = vector_sum(passage, vector);
    UPDATE change SET sum = row_sum(generation, token, article);
    UPDATE file SET sum = row_sum(path, key_path, sha256, reader, articles);
    """,
    # Format 3: what pages and documents tell of an article, where their pages begin, and which articles are near copies
    # of each other. A row whose sum was wrong keeps it: what was damaged stays known as damaged.
    """
    ALTER TABLE article ADD COLUMN published_from TEXT;
    ALTER TABLE article ADD COLUMN updated TEXT;
    ALTER TABLE article ADD COLUMN updated_from TEXT;
    ALTER TABLE article ADD COLUMN section TEXT;
    ALTER TABLE article ADD COLUMN language TEXT;
    ALTER TABLE article ADD COLUMN agency TEXT;
    ALTER TABLE article ADD COLUMN pages INTEGER NOT NULL DEFAULT 0;  -- of the present version
    UPDATE article SET sum = row_sum(
        number, id, version, key, title, publisher, authors, published, url, path,
        first_day, last_day, outlet, changed, passages, embedded,
        published_from, updated, updated_from, section, language, agency, pages
    ) WHERE sum = row_sum(
        number, id, version, key, title, publisher, authors, published, url, path,
        first_day, last_day, outlet, changed, passages, embedded
    );

    -- Where the pages of a paged document begin in one version of its text. Apart from the texts, so that these stay
    -- as they lie.
    CREATE TABLE paging (
        article INTEGER NOT NULL REFERENCES article ON DELETE CASCADE,
        version TEXT NOT NULL,
        starts TEXT NOT NULL,        -- a JSON list
        sum INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (article, version)
    ) WITHOUT ROWID;

    -- What the present text of an article is compared by; see near_copies.py.
    CREATE TABLE sketch (
        article INTEGER PRIMARY KEY REFERENCES article ON DELETE CASCADE,
        digest BLOB,                 -- of its shingles; NULL: too short to be compared
        buckets BLOB NOT NULL,       -- little-endian uint32, one for each band
        cluster INTEGER,             -- the lowest number among its near copies and itself; NULL: it has none
        sum INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX sketch_by_cluster ON sketch (cluster) WHERE cluster IS NOT NULL;

    -- The same buckets the other way round: which articles are in one. Derived from `sketch`, so without sums.
    CREATE TABLE bucket (
        bucket INTEGER NOT NULL,     -- the band's number * 2^32 + what `sketch` says
        article INTEGER NOT NULL,
        PRIMARY KEY (bucket, article)
    ) WITHOUT ROWID;
    """,
)
