PRAGMA application_id = 1196902738;
PRAGMA user_version = 1;
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
    );
INSERT INTO "article" VALUES(1,'18b7cb099a9ea3f5','a.txt','8043fc8c29de0eb64885930259e9e88c6e82b12ea192872b32e0c41c666b147b','Title','The Wire','["Jane Doe"]','2020-04',20200401,20200430,1,NULL,'/news/a.txt','2026-11-20T10:46:20.330579+00:00');
INSERT INTO "article" VALUES(3,'ffa0da5d885fba09','b.txt','d5ea2f063c9b5909c4d13f148bfde1582a05ed3eb8fdb31efb9f5d1ecdbff23b','Title','The Wire','["Jane Doe"]','2020-04',20200401,20200430,2,'https://news.example/b','/news/b.txt','2026-11-20T10:46:20.331268+00:00');
CREATE TABLE change (
        generation INTEGER PRIMARY KEY AUTOINCREMENT,
        token BLOB NOT NULL,
        article INTEGER NOT NULL
    );
INSERT INTO "change" VALUES(1,X'7E37C78B79420DD3',1);
INSERT INTO "change" VALUES(2,X'66ED256D173AC894',1);
INSERT INTO "change" VALUES(3,X'ECCE45C236F1ADFE',3);
INSERT INTO "change" VALUES(4,X'36C2002B395346A5',4);
INSERT INTO "change" VALUES(5,X'1B6B7B1A7AE2D44A',4);
CREATE TABLE file (
        path TEXT PRIMARY KEY,
        key_path TEXT NOT NULL UNIQUE,
        sha256 TEXT,                 -- NULL: not wholly worked through
        reader TEXT,                 -- what read it; another reader may see more in it
        articles INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID;
INSERT INTO "file" VALUES('/news/a.txt','a.txt','0000000000000000000000000000000000000000000000000000000000000000','reader/1',1);
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO "meta" VALUES('corpus','39abea04182552295dd15d4766ab4a77');
CREATE TABLE outlet (
        number INTEGER PRIMARY KEY,
        publisher TEXT NOT NULL,
        host TEXT NOT NULL,
        UNIQUE (publisher, host)
    );
INSERT INTO "outlet" VALUES(1,'The Wire','');
INSERT INTO "outlet" VALUES(2,'The Wire','news.example');
CREATE TABLE passage (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        article INTEGER NOT NULL REFERENCES article ON DELETE CASCADE,
        start INTEGER NOT NULL,
        end INTEGER NOT NULL,
        sentences BLOB NOT NULL      -- little-endian uint32: start, end, start, end, ... counted from the passage
    );
INSERT INTO "passage" VALUES(3,1,7,33,X'000000001A000000');
INSERT INTO "passage" VALUES(4,1,34,50,X'0000000010000000');
INSERT INTO "passage" VALUES(5,3,7,33,X'000000001A000000');
INSERT INTO "passage" VALUES(6,3,34,50,X'0000000010000000');
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
INSERT INTO "text" VALUES(1,'8043fc8c29de0eb64885930259e9e88c6e82b12ea192872b32e0c41c666b147b',X'789C0BC92CC949E5E2F2CBCC4B5528CA4FCE4E2D2956C8C82C5128C94855484A2C4ED553F0CB4FCA4FA954284F044A941695E8710100C9BA117C','[[0, 5, "title"]]','utf-8',NULL,'8043fc8c29de0eb64885930259e9e88c6e82b12ea192872b32e0c41c666b147b','2026-11-20T10:46:20.330579+00:00');
INSERT INTO "text" VALUES(1,'d5ea2f063c9b5909c4d13f148bfde1582a05ed3eb8fdb31efb9f5d1ecdbff23b',X'789C0BC92CC949E5E272CB2C4B5528CA4FCE4E2D2956C8C82C5128C94855484A2C4ED553F0CB4FCA4FA954284F044A941695E8710100C9AA117C','[[0, 5, "title"]]','utf-8',NULL,'d5ea2f063c9b5909c4d13f148bfde1582a05ed3eb8fdb31efb9f5d1ecdbff23b','2026-11-20T10:46:20.329340+00:00');
INSERT INTO "text" VALUES(3,'d5ea2f063c9b5909c4d13f148bfde1582a05ed3eb8fdb31efb9f5d1ecdbff23b',X'789C0BC92CC949E5E272CB2C4B5528CA4FCE4E2D2956C8C82C5128C94855484A2C4ED553F0CB4FCA4FA954284F044A941695E8710100C9AA117C','[[0, 5, "title"]]',NULL,X'789CFBFF2F842193A18421872195810B08DD80BC32205B81A188219F2199211BC82E612806F233C0EA148038032C9FC49008144F65D003B2FD806A93803885A112C82B07CB807494024D2901AAE0620000613E1379','040575b40b738e4af74f8a1d99a0a48649bd4f236a434c67c7ababf9eb5c2cbb','2026-11-20T10:46:20.331268+00:00');
CREATE TABLE vector (
        passage INTEGER PRIMARY KEY REFERENCES passage ON DELETE CASCADE,
        vector BLOB NOT NULL         -- little-endian float16, unit length
    );
INSERT INTO "vector" VALUES(3,X'003C0000');
INSERT INTO "vector" VALUES(4,X'0000003C');
CREATE INDEX article_by_path ON article (path);
CREATE INDEX article_by_day ON article (first_day, last_day);
CREATE INDEX article_by_outlet ON article (outlet);
CREATE INDEX passage_by_article ON passage (article);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('article',4);
INSERT INTO "sqlite_sequence" VALUES('passage',8);
INSERT INTO "sqlite_sequence" VALUES('change',5);
COMMIT;
