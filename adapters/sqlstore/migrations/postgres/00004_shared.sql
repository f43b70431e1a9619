-- +goose Up
CREATE TABLE nf_revision (
    one      BOOLEAN NOT NULL PRIMARY KEY CHECK (one), -- there is one row
    revision BIGINT  NOT NULL
);
INSERT INTO nf_revision (one, revision) SELECT TRUE, CASE WHEN EXISTS (SELECT 1 FROM nf_workflows) THEN 1 ELSE 0 END;

ALTER TABLE nf_workflows ADD COLUMN changed BIGINT NOT NULL DEFAULT 1; -- revision of its last change
CREATE INDEX nf_workflows_changed ON nf_workflows (changed);

ALTER TABLE nf_tokens ADD COLUMN per_minute BIGINT NOT NULL DEFAULT 0; -- requests; 0 = as the configuration says
