import type { WriteDb } from '../open.ts'

/** A tag of a version of a tracking server. */
export interface SourceTag {
  remoteModel: string
  remoteVersion: string
  key: string
  wanted: string
}

export type SourceTagTable = ReturnType<typeof openSourceTagTable>

/** What is told back to tracking servers: what each tag is to say, and what it says. Only the last word counts, so that none waits in a queue. */
export function openSourceTagTable(db: WriteDb) {
  const want = db.prepare(`INSERT INTO source_tag (source, remote_model, remote_version, key, wanted)
    VALUES (@source, @remoteModel, @remoteVersion, @key, @wanted)
    ON CONFLICT DO UPDATE SET wanted = excluded.wanted WHERE wanted <> excluded.wanted`)
  const unwritten = db.prepare<
    [string, number],
    SourceTag
  >(`SELECT remote_model AS remoteModel, remote_version AS remoteVersion, key, wanted
    FROM source_tag WHERE source = ? AND written IS NOT wanted ORDER BY remote_model, remote_version, key LIMIT ?`)
  const written = db.prepare(`UPDATE source_tag SET written = @wanted
    WHERE source = @source AND remote_model = @remoteModel AND remote_version = @remoteVersion AND key = @key`)
  const counts = db.prepare<[string], { written: number; waiting: number }>(
    `SELECT count(*) FILTER (WHERE written IS wanted) AS written, count(*) FILTER (WHERE written IS NOT wanted) AS waiting
    FROM source_tag WHERE source = ?`,
  )
  return {
    /** Says what a tag is to be. @returns false: it was to be that before */
    want: (source: string, tag: SourceTag): boolean => want.run({ source, ...tag }).changes > 0,
    unwritten: (source: string, most: number): SourceTag[] => unwritten.all(source, most),
    noteWritten: (source: string, tag: SourceTag): void => void written.run({ source, ...tag }),
    counts: (source: string): { written: number; waiting: number } => counts.get(source) ?? { written: 0, waiting: 0 },
  }
}
