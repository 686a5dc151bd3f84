import type { WriteDb } from '../open.ts'

export interface BundleRow {
  digest: string
  /** The exact bytes that were signed. */
  manifest: Buffer
  /** JSON of the signatures. */
  signatures: string
  createdAt: number
}

export interface ModelVersionRow {
  model: string
  version: string
  digest: string
  /** Name of the file that was imported. */
  sourceName: string
  holdoutSha256: string | null
  holdoutName: string | null
  importedAt: number
  importedBy: string | null
  note: string | null
  notedBy: string | null
  notedAt: number | null
}

export interface EvaluationRow {
  evaluation: string
  digest: string
  evaluatedAt: number
  /** JSON of the evaluation record. */
  record: string
}

export type ModelTable = ReturnType<typeof openModelTable>

const versionColumns =
  'model, version, digest, source_name AS sourceName, holdout_sha256 AS holdoutSha256, holdout_name AS holdoutName, imported_at AS importedAt, imported_by AS importedBy, note, noted_by AS notedBy, noted_at AS notedAt'

/** Model versions, the signed bundles behind them, and their evaluations. */
export function openModelTable(db: WriteDb) {
  const version = db.prepare<[string, string], ModelVersionRow>(
    `SELECT ${versionColumns} FROM model_version WHERE model = ? AND version = ?`,
  )
  const all = db.prepare<[], ModelVersionRow>(`SELECT ${versionColumns} FROM model_version ORDER BY model, imported_at, version`)
  const ofModel = db.prepare<[string], ModelVersionRow>(
    `SELECT ${versionColumns} FROM model_version WHERE model = ? ORDER BY imported_at, version`,
  )
  const bundle = db.prepare<[string], BundleRow>(
    'SELECT digest, manifest, signatures, created_at AS createdAt FROM bundle WHERE digest = ?',
  )
  const bundles = db.prepare<[], BundleRow>('SELECT digest, manifest, signatures, created_at AS createdAt FROM bundle ORDER BY digest')
  const bundleSizes = db.prepare<[], { digest: string; sizeBytes: number }>('SELECT digest, length(manifest) AS sizeBytes FROM bundle')
  const setSignatures = db.prepare('UPDATE bundle SET signatures = ? WHERE digest = ?')
  const signatures = db.prepare<[string], Pick<BundleRow, 'signatures'> & { sizeBytes: number }>(
    'SELECT signatures, length(manifest) AS sizeBytes FROM bundle WHERE digest = ?',
  )
  const evaluations = db.prepare<[string], EvaluationRow>(
    'SELECT evaluation, digest, evaluated_at AS evaluatedAt, record FROM evaluation WHERE digest = ? ORDER BY evaluated_at DESC, evaluation',
  )
  const addBundle = db.prepare(
    'INSERT INTO bundle (digest, manifest, signatures, created_at) VALUES (@digest, @manifest, @signatures, @createdAt) ON CONFLICT DO NOTHING',
  )
  const addVersion =
    db.prepare(`INSERT INTO model_version (model, version, digest, source_name, holdout_sha256, holdout_name, imported_at, imported_by)
    VALUES (@model, @version, @digest, @sourceName, @holdoutSha256, @holdoutName, @importedAt, @importedBy)`)
  const setNote = db.prepare(
    'UPDATE model_version SET note = @note, noted_by = @notedBy, noted_at = @notedAt WHERE model = @model AND version = @version',
  )
  const addEvaluation = db.prepare(
    'INSERT INTO evaluation (evaluation, digest, evaluated_at, record) VALUES (@evaluation, @digest, @evaluatedAt, @record)',
  )
  return {
    version: (model: string, name: string): ModelVersionRow | null => version.get(model, name) ?? null,
    /** By model, then from the oldest import to the newest. */
    versions: (model?: string): ModelVersionRow[] => (model === undefined ? all.all() : ofModel.all(model)),
    bundle: (digest: string): BundleRow | null => bundle.get(digest) ?? null,
    bundles: (): BundleRow[] => bundles.all(),
    /** Sizes of all manifests by digest. */
    bundleSizes: (): Map<string, number> => new Map(bundleSizes.all().map(({ digest, sizeBytes }) => [digest, sizeBytes])),
    /** @param signatures JSON */
    setSignatures: (digest: string, signatures: string): void => void setSignatures.run(signatures, digest),
    /** The signatures of a bundle (JSON) and the size of its manifest in bytes, without its bytes. */
    signatures: (digest: string): { signatures: string; sizeBytes: number } | null => signatures.get(digest) ?? null,
    /** From the newest to the oldest. */
    evaluations: (digest: string): EvaluationRow[] => evaluations.all(digest),
    addBundle: (row: BundleRow): void => void addBundle.run(row),
    addVersion: (row: Omit<ModelVersionRow, 'note' | 'notedBy' | 'notedAt'>): void => void addVersion.run(row),
    setNote: (row: Pick<ModelVersionRow, 'model' | 'version' | 'note' | 'notedBy' | 'notedAt'>): void => void setNote.run(row),
    addEvaluation: (row: EvaluationRow): void => void addEvaluation.run(row),
  }
}
