CREATE TABLE attempts (
    id INTEGER NOT NULL,
    stage TEXT NOT NULL CONSTRAINT ck_attempts_stage CHECK (stage IN ('extraction', 'enrichment', 'queueing', 'download')),
    item_id INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    outcome TEXT NOT NULL CONSTRAINT ck_attempts_outcome CHECK (outcome IN ('done', 'retry', 'reject')),
    reason TEXT NOT NULL,
    detail TEXT DEFAULT '' NOT NULL,
    started_at TEXT NOT NULL,
    seconds FLOAT NOT NULL,
    CONSTRAINT pk_attempts PRIMARY KEY (id)
);

CREATE INDEX ix_attempts_item ON attempts (stage, item_id);

CREATE TABLE sources (
    id INTEGER NOT NULL,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    state TEXT DEFAULT 'pending' NOT NULL CONSTRAINT ck_sources_state CHECK (state IN ('pending', 'extracted', 'failed')),
    added_at TEXT NOT NULL,
    priority INTEGER DEFAULT '0' NOT NULL,
    due_at FLOAT,
    attempts INTEGER DEFAULT '0' NOT NULL,
    last_reason TEXT,
    last_detail TEXT,
    crashes INTEGER DEFAULT '0' NOT NULL,
    doi TEXT,
    title TEXT,
    page_count INTEGER,
    found_references INTEGER,
    expected_references INTEGER,
    processing_started_at TEXT,
    processing_timestamp TEXT,
    processing_duration_ms FLOAT,
    CONSTRAINT pk_sources PRIMARY KEY (id),
    CONSTRAINT uq_sources_sha256 UNIQUE (sha256)
);

CREATE INDEX ix_sources_due ON sources (due_at) WHERE due_at IS NOT NULL;

CREATE INDEX ix_sources_ready ON sources (priority DESC, id DESC) WHERE state = 'pending' AND due_at IS NULL AND crashes < 3;

CREATE TABLE works (
    id INTEGER NOT NULL,
    type TEXT NOT NULL,
    title TEXT NOT NULL,
    year INTEGER,
    doi TEXT,
    openalex_id TEXT,
    title_key TEXT,
    record TEXT NOT NULL,
    metadata_source TEXT NOT NULL,
    CONSTRAINT pk_works PRIMARY KEY (id)
);

CREATE TABLE downloaded_references (
    work_id INTEGER NOT NULL,
    status TEXT NOT NULL CONSTRAINT ck_downloaded_references_status CHECK (status LIKE 'ok%'),
    file_path TEXT NOT NULL,
    checksum_pdf TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    page_count INTEGER NOT NULL,
    url_source TEXT NOT NULL,
    source_of_download TEXT NOT NULL,
    version TEXT,
    licence TEXT,
    processing_started_at TEXT,
    processing_timestamp TEXT,
    processing_duration_ms FLOAT,
    CONSTRAINT pk_downloaded_references PRIMARY KEY (work_id),
    CONSTRAINT uq_downloaded_references_file_path UNIQUE (file_path),
    CONSTRAINT fk_downloaded_references_work_id FOREIGN KEY(work_id) REFERENCES works (id)
);

CREATE TABLE entries (
    id INTEGER NOT NULL,
    source_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    title TEXT,
    doi TEXT,
    reference TEXT NOT NULL,
    work_id INTEGER,
    matched_by TEXT,
    match_score FLOAT,
    CONSTRAINT pk_entries PRIMARY KEY (id),
    CONSTRAINT uq_entries_source_id UNIQUE (source_id, position),
    CONSTRAINT fk_entries_work_id FOREIGN KEY(work_id) REFERENCES works (id),
    CONSTRAINT fk_entries_source_id FOREIGN KEY(source_id) REFERENCES sources (id)
);

CREATE INDEX ix_entries_work_id ON entries (work_id);

CREATE TABLE failed_downloads (
    work_id INTEGER NOT NULL,
    stage TEXT NOT NULL,
    locations TEXT,
    reason TEXT NOT NULL CONSTRAINT ck_failed_downloads_reason CHECK (reason IN ('ok', 'ok-accepted-version', 'ok-preprint', 'ok-unverified', 'duplicate', 'not-a-pdf', 'empty-file', 'damaged-pdf', 'encrypted-pdf', 'no-text-layer', 'garbled-text', 'no-references-found', 'too-large', 'parse-timeout', 'parse-memory', 'parser-crashed', 'unreadable-file', 'vanished', 'no-match', 'ambiguous-match', 'not-a-work', 'vetoed', 'service-down', 'rate-limited', 'bad-answer', 'budget-exhausted', 'no-oa-location', 'no-identifier', 'not-a-document', 'embargoed', 'no-pdf-link', 'link-loop', 'redirect-loop', 'too-many-redirects', 'bad-redirect', 'landing-only', 'js-only-page', 'blocked-login', 'blocked-paywall', 'blocked-cookie', 'blocked-captcha', 'blocked-forbidden', 'blocked-robots', 'skip-policy', 'wrong-mimetype', 'html-as-pdf', 'empty-body', 'truncated', 'bad-encoding', 'preview-only', 'supplement-only', 'wrong-work', 'timeout-connect', 'timeout-read', 'dns-error', 'tls-error', 'connection-reset', 'http-429', 'http-5xx', 'host-parked', 'host-busy', 'http-404', 'http-410', 'http-401', 'http-4xx', 'invalid-url', 'unsafe-url', 'disk-full', 'write-error', 'poison', 'internal-error')),
    detail TEXT DEFAULT '' NOT NULL,
    evidence TEXT,
    attempts INTEGER NOT NULL,
    needs_review BOOLEAN DEFAULT 0 NOT NULL,
    processing_started_at TEXT,
    processing_timestamp TEXT,
    processing_duration_ms FLOAT,
    CONSTRAINT pk_failed_downloads PRIMARY KEY (work_id),
    CONSTRAINT fk_failed_downloads_work_id FOREIGN KEY(work_id) REFERENCES works (id)
);

CREATE TABLE failed_extractions (
    source_id INTEGER NOT NULL,
    reason TEXT NOT NULL CONSTRAINT ck_failed_extractions_reason CHECK (reason IN ('ok', 'ok-accepted-version', 'ok-preprint', 'ok-unverified', 'duplicate', 'not-a-pdf', 'empty-file', 'damaged-pdf', 'encrypted-pdf', 'no-text-layer', 'garbled-text', 'no-references-found', 'too-large', 'parse-timeout', 'parse-memory', 'parser-crashed', 'unreadable-file', 'vanished', 'no-match', 'ambiguous-match', 'not-a-work', 'vetoed', 'service-down', 'rate-limited', 'bad-answer', 'budget-exhausted', 'no-oa-location', 'no-identifier', 'not-a-document', 'embargoed', 'no-pdf-link', 'link-loop', 'redirect-loop', 'too-many-redirects', 'bad-redirect', 'landing-only', 'js-only-page', 'blocked-login', 'blocked-paywall', 'blocked-cookie', 'blocked-captcha', 'blocked-forbidden', 'blocked-robots', 'skip-policy', 'wrong-mimetype', 'html-as-pdf', 'empty-body', 'truncated', 'bad-encoding', 'preview-only', 'supplement-only', 'wrong-work', 'timeout-connect', 'timeout-read', 'dns-error', 'tls-error', 'connection-reset', 'http-429', 'http-5xx', 'host-parked', 'host-busy', 'http-404', 'http-410', 'http-401', 'http-4xx', 'invalid-url', 'unsafe-url', 'disk-full', 'write-error', 'poison', 'internal-error')),
    detail TEXT DEFAULT '' NOT NULL,
    evidence TEXT,
    attempts INTEGER NOT NULL,
    processing_started_at TEXT,
    processing_timestamp TEXT,
    processing_duration_ms FLOAT,
    CONSTRAINT pk_failed_extractions PRIMARY KEY (source_id),
    CONSTRAINT fk_failed_extractions_source_id FOREIGN KEY(source_id) REFERENCES sources (id)
);

CREATE TABLE to_download_references (
    work_id INTEGER NOT NULL,
    newest_source_id INTEGER NOT NULL,
    cited_by INTEGER NOT NULL,
    locations TEXT NOT NULL,
    priority INTEGER DEFAULT '0' NOT NULL,
    due_at FLOAT,
    attempts INTEGER DEFAULT '0' NOT NULL,
    last_reason TEXT,
    last_detail TEXT,
    crashes INTEGER DEFAULT '0' NOT NULL,
    processing_started_at TEXT,
    processing_timestamp TEXT,
    processing_duration_ms FLOAT,
    CONSTRAINT pk_to_download_references PRIMARY KEY (work_id),
    CONSTRAINT fk_to_download_references_work_id FOREIGN KEY(work_id) REFERENCES works (id)
);

CREATE INDEX ix_to_download_references_due ON to_download_references (due_at) WHERE due_at IS NOT NULL;

CREATE INDEX ix_to_download_references_ready ON to_download_references (priority DESC, newest_source_id DESC, cited_by DESC, work_id) WHERE due_at IS NULL AND crashes < 3;

CREATE TABLE with_metadata (
    work_id INTEGER NOT NULL,
    newest_source_id INTEGER NOT NULL,
    cited_by INTEGER NOT NULL,
    priority INTEGER DEFAULT '0' NOT NULL,
    due_at FLOAT,
    attempts INTEGER DEFAULT '0' NOT NULL,
    last_reason TEXT,
    last_detail TEXT,
    crashes INTEGER DEFAULT '0' NOT NULL,
    processing_started_at TEXT,
    processing_timestamp TEXT,
    processing_duration_ms FLOAT,
    CONSTRAINT pk_with_metadata PRIMARY KEY (work_id),
    CONSTRAINT fk_with_metadata_work_id FOREIGN KEY(work_id) REFERENCES works (id)
);

CREATE INDEX ix_with_metadata_due ON with_metadata (due_at) WHERE due_at IS NOT NULL;

CREATE INDEX ix_with_metadata_ready ON with_metadata (priority DESC, newest_source_id DESC, cited_by DESC, work_id) WHERE due_at IS NULL AND crashes < 3;

CREATE TABLE work_keys (
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    work_id INTEGER NOT NULL,
    CONSTRAINT pk_work_keys PRIMARY KEY (kind, value),
    CONSTRAINT fk_work_keys_work_id FOREIGN KEY(work_id) REFERENCES works (id)
)
 WITHOUT ROWID;

CREATE INDEX ix_work_keys_work_id ON work_keys (work_id);

CREATE TABLE duplicate_references (
    id INTEGER NOT NULL,
    entry_id INTEGER NOT NULL,
    existing_work_id INTEGER NOT NULL,
    matched_on_field TEXT NOT NULL,
    original_record TEXT NOT NULL,
    date_detected TEXT NOT NULL,
    CONSTRAINT pk_duplicate_references PRIMARY KEY (id),
    CONSTRAINT fk_duplicate_references_existing_work_id FOREIGN KEY(existing_work_id) REFERENCES works (id),
    CONSTRAINT fk_duplicate_references_entry_id FOREIGN KEY(entry_id) REFERENCES entries (id)
);

CREATE INDEX ix_duplicate_references_entry_id ON duplicate_references (entry_id);

CREATE TABLE failed_enrichments (
    entry_id INTEGER NOT NULL,
    reason TEXT NOT NULL CONSTRAINT ck_failed_enrichments_reason CHECK (reason IN ('ok', 'ok-accepted-version', 'ok-preprint', 'ok-unverified', 'duplicate', 'not-a-pdf', 'empty-file', 'damaged-pdf', 'encrypted-pdf', 'no-text-layer', 'garbled-text', 'no-references-found', 'too-large', 'parse-timeout', 'parse-memory', 'parser-crashed', 'unreadable-file', 'vanished', 'no-match', 'ambiguous-match', 'not-a-work', 'vetoed', 'service-down', 'rate-limited', 'bad-answer', 'budget-exhausted', 'no-oa-location', 'no-identifier', 'not-a-document', 'embargoed', 'no-pdf-link', 'link-loop', 'redirect-loop', 'too-many-redirects', 'bad-redirect', 'landing-only', 'js-only-page', 'blocked-login', 'blocked-paywall', 'blocked-cookie', 'blocked-captcha', 'blocked-forbidden', 'blocked-robots', 'skip-policy', 'wrong-mimetype', 'html-as-pdf', 'empty-body', 'truncated', 'bad-encoding', 'preview-only', 'supplement-only', 'wrong-work', 'timeout-connect', 'timeout-read', 'dns-error', 'tls-error', 'connection-reset', 'http-429', 'http-5xx', 'host-parked', 'host-busy', 'http-404', 'http-410', 'http-401', 'http-4xx', 'invalid-url', 'unsafe-url', 'disk-full', 'write-error', 'poison', 'internal-error')),
    detail TEXT DEFAULT '' NOT NULL,
    evidence TEXT,
    attempts INTEGER NOT NULL,
    needs_review BOOLEAN DEFAULT 0 NOT NULL,
    processing_started_at TEXT,
    processing_timestamp TEXT,
    processing_duration_ms FLOAT,
    CONSTRAINT pk_failed_enrichments PRIMARY KEY (entry_id),
    CONSTRAINT fk_failed_enrichments_entry_id FOREIGN KEY(entry_id) REFERENCES entries (id)
);

CREATE TABLE no_metadata (
    entry_id INTEGER NOT NULL,
    source_id INTEGER NOT NULL,
    priority INTEGER DEFAULT '0' NOT NULL,
    due_at FLOAT,
    attempts INTEGER DEFAULT '0' NOT NULL,
    last_reason TEXT,
    last_detail TEXT,
    crashes INTEGER DEFAULT '0' NOT NULL,
    processing_started_at TEXT,
    processing_timestamp TEXT,
    processing_duration_ms FLOAT,
    CONSTRAINT pk_no_metadata PRIMARY KEY (entry_id),
    CONSTRAINT fk_no_metadata_entry_id FOREIGN KEY(entry_id) REFERENCES entries (id)
);

CREATE INDEX ix_no_metadata_due ON no_metadata (due_at) WHERE due_at IS NOT NULL;

CREATE INDEX ix_no_metadata_ready ON no_metadata (priority DESC, source_id DESC, entry_id) WHERE due_at IS NULL AND crashes < 3;
