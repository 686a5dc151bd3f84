import type { Migration } from '../../../../../shared/store/sqlite-rules.ts'

/**
 * Decisions about versions, append-only: the stage of a version is what its newest decision made of it; without one it follows from whether
 * the version was evaluated. Versions that were ordered before decisions were kept begin as released. Fallback versions of deployments.
 */
export const fleet0090: Migration = {
  id: 90,
  name: 'approval',
  sql: `
CREATE TABLE version_decision (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  model TEXT NOT NULL,
  version TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  act TEXT NOT NULL,
  from_stage TEXT NOT NULL,
  to_stage TEXT NOT NULL,
  why TEXT NOT NULL,
  is_despite_gates INTEGER NOT NULL,
  gates TEXT NOT NULL,
  FOREIGN KEY (model, version) REFERENCES model_version (model, version)
) STRICT;
CREATE INDEX version_decision_by_version ON version_decision (model, version, id);
CREATE TRIGGER version_decision_is_kept BEFORE DELETE ON version_decision BEGIN SELECT RAISE(ABORT, 'decisions are kept'); END;
CREATE TRIGGER version_decision_is_final BEFORE UPDATE ON version_decision BEGIN SELECT RAISE(ABORT, 'decisions are final'); END;

INSERT INTO version_decision (model, version, at, actor, act, from_stage, to_stage, why, is_despite_gates, gates)
SELECT v.model, v.version, MIN(used.at), 'muster', 'release',
  CASE WHEN EXISTS (SELECT 1 FROM evaluation e WHERE e.digest = v.digest) THEN 'evaluated' ELSE 'draft' END,
  'released', 'It was ordered before decisions about versions were kept.', 0, '[]'
FROM model_version v JOIN (
  SELECT digest, created_at AS at FROM deployment_order WHERE digest IS NOT NULL AND role IN ('active', 'split')
  UNION ALL SELECT digest, ordered_at AS at FROM deployment
  UNION ALL SELECT digest, ordered_at AS at FROM beside WHERE role = 'split'
  UNION ALL SELECT d.digest, o.created_at AS at FROM order_device d JOIN deployment_order o ON o.id = d.order_id
    WHERE d.digest IS NOT NULL AND o.role IN ('active', 'split')
) used ON used.digest = v.digest
GROUP BY v.model, v.version
ORDER BY MIN(used.at), v.model, v.version;

CREATE TABLE deployment_fallback (
  deployment TEXT PRIMARY KEY,
  model TEXT NOT NULL,
  version TEXT NOT NULL,
  set_by TEXT NOT NULL,
  set_at INTEGER NOT NULL,
  FOREIGN KEY (model, version) REFERENCES model_version (model, version)
) STRICT, WITHOUT ROWID;
`,
}
