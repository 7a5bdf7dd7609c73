PRAGMA application_id = 1196902738;
PRAGMA user_version = 2;
BEGIN TRANSACTION;
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
    , passages INTEGER NOT NULL DEFAULT 0, embedded INTEGER NOT NULL DEFAULT 0, sum INTEGER NOT NULL DEFAULT 0);
INSERT INTO "article" VALUES(1,'18b7cb099a9ea3f5','a.txt','8043fc8c29de0eb64885930259e9e88c6e82b12ea192872b32e0c41c666b147b','Title','The Wire','["Jane Doe"]','2020-04',20200401,20200430,1,NULL,'/news/a.txt','2026-11-20T12:46:30.637675+00:00',2,1,1513276964);
INSERT INTO "article" VALUES(3,'ffa0da5d885fba09','b.txt','d5ea2f063c9b5909c4d13f148bfde1582a05ed3eb8fdb31efb9f5d1ecdbff23b','Title','The Wire','["Jane Doe"]','2020-04',20200401,20200430,2,'https://news.example/b','/news/b.txt','2026-11-20T12:46:30.641683+00:00',2,0,2416357910);
CREATE TABLE change (
        generation INTEGER PRIMARY KEY AUTOINCREMENT,
        token BLOB NOT NULL,
        article INTEGER NOT NULL
    , sum INTEGER NOT NULL DEFAULT 0);
INSERT INTO "change" VALUES(1,X'C55C2F396434EF99',1,1308717557);
INSERT INTO "change" VALUES(2,X'358BC717C7F978B7',1,2474775409);
INSERT INTO "change" VALUES(3,X'805C0EA5B6D398E7',3,4241786017);
INSERT INTO "change" VALUES(4,X'BFA811955C87A51B',4,4130508982);
INSERT INTO "change" VALUES(5,X'21B590B38BA7F227',4,624800296);
CREATE TABLE file (
        path TEXT PRIMARY KEY,
        key_path TEXT NOT NULL UNIQUE,
        sha256 TEXT,                 -- NULL: not wholly worked through
        reader TEXT,                 -- what read it; another reader may see more in it
        articles INTEGER NOT NULL DEFAULT 0
    , sum INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
INSERT INTO "file" VALUES('/news/a.txt','a.txt','0000000000000000000000000000000000000000000000000000000000000000','reader/1',1,2782699779);
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL, sum INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
INSERT INTO "meta" VALUES('corpus','4fc54eddb96eefd0bf46b559bfe0d559',3669948877);
CREATE TABLE outlet (
        number INTEGER PRIMARY KEY,
        publisher TEXT NOT NULL,
        host TEXT NOT NULL, sum INTEGER NOT NULL DEFAULT 0,
        UNIQUE (publisher, host)
    );
INSERT INTO "outlet" VALUES(1,'The Wire','',1052019457);
INSERT INTO "outlet" VALUES(2,'The Wire','news.example',3264507539);
INSERT INTO "outlet" VALUES(3,'','',572752575);
CREATE TABLE passage (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        article INTEGER NOT NULL REFERENCES article ON DELETE CASCADE,
        start INTEGER NOT NULL,
        end INTEGER NOT NULL,
        sentences BLOB NOT NULL      -- little-endian uint32: start, end, start, end, ... counted from the passage
    , sum INTEGER NOT NULL DEFAULT 0);
INSERT INTO "passage" VALUES(3,1,7,33,X'000000001A000000',3290737564);
INSERT INTO "passage" VALUES(4,1,34,50,X'0000000010000000',485291533);
INSERT INTO "passage" VALUES(5,3,7,33,X'000000001A000000',936232409);
INSERT INTO "passage" VALUES(6,3,34,50,X'0000000010000000',1174944124);
CREATE TABLE text (
        article INTEGER NOT NULL REFERENCES article ON DELETE CASCADE,
        version TEXT NOT NULL,       -- sha256 of the text
        text BLOB NOT NULL,          -- zlib, UTF-8
        skipped TEXT NOT NULL,       -- JSON: [[start, end, kind], ...]
        encoding TEXT,               -- text encoded so is the source, byte by byte; else NULL and ...
        source BLOB,                 -- ... the source bytes, zlib
        source_hash TEXT NOT NULL,   -- sha256 of the source bytes
        added TEXT NOT NULL, sum INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (article, version)
    ) WITHOUT ROWID;
INSERT INTO "text" VALUES(1,'8043fc8c29de0eb64885930259e9e88c6e82b12ea192872b32e0c41c666b147b',X'789C0BC92CC949E5E2F2CBCC4B5528CA4FCE4E2D2956C8C82C5128C94855484A2C4ED553F0CB4FCA4FA954284F044A941695E8710100C9BA117C','[[0, 5, "title"]]',NULL,X'789C1D8CD10980300C44DF77A7E8048ED22F17B05AA8281534222EAF9E211CDCE55EF23E3D33C64A21689252938FEC6C8C2CF2C6A15C9D8B52F53E33685FE8E493D82C4DDC4A9737FFC5A92F2622F001615E1379','474bfd33396cbb1f488da0a8eb45c3a9874d7ccaa871482a118f3e8e654d21c6','2026-11-20T12:46:30.637675+00:00',2939913589);
INSERT INTO "text" VALUES(1,'d5ea2f063c9b5909c4d13f148bfde1582a05ed3eb8fdb31efb9f5d1ecdbff23b',X'789C0BC92CC949E5E272CB2C4B5528CA4FCE4E2D2956C8C82C5128C94855484A2C4ED553F0CB4FCA4FA954284F044A941695E8710100C9AA117C','[[0, 5, "title"]]','utf-8',NULL,'d5ea2f063c9b5909c4d13f148bfde1582a05ed3eb8fdb31efb9f5d1ecdbff23b','2026-11-20T12:46:30.633681+00:00',2877347480);
INSERT INTO "text" VALUES(3,'d5ea2f063c9b5909c4d13f148bfde1582a05ed3eb8fdb31efb9f5d1ecdbff23b',X'789C0BC92CC949E5E272CB2C4B5528CA4FCE4E2D2956C8C82C5128C94855484A2C4ED553F0CB4FCA4FA954284F044A941695E8710100C9AA117C','[[0, 5, "title"]]','utf-8',NULL,'d5ea2f063c9b5909c4d13f148bfde1582a05ed3eb8fdb31efb9f5d1ecdbff23b','2026-11-20T12:46:30.641683+00:00',4285381176);
CREATE TABLE vector (
        passage INTEGER PRIMARY KEY REFERENCES passage ON DELETE CASCADE,
        vector BLOB NOT NULL         -- little-endian float16, unit length
    , sum INTEGER NOT NULL DEFAULT 0);
INSERT INTO "vector" VALUES(3,X'003C0000',511732742);
INSERT INTO "vector" VALUES(4,X'0000003C',2169058508);
CREATE INDEX article_by_path ON article (path);
CREATE INDEX article_by_day ON article (first_day, last_day);
CREATE INDEX article_by_outlet ON article (outlet);
CREATE INDEX passage_by_article ON passage (article);
CREATE INDEX article_without_vectors ON article (number) WHERE embedded = 0;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('article',4);
INSERT INTO "sqlite_sequence" VALUES('passage',8);
INSERT INTO "sqlite_sequence" VALUES('change',5);
COMMIT;
