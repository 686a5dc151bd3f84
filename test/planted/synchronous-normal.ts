import type { PlantedBug } from '../../build/planted/planted-bug.ts'

export const bug: PlantedBug = {
  title: 'commits that a power cut can take back (synchronous=NORMAL)',
  edits: [
    {
      file: 'shared/store/sqlite-rules.ts',
      find: `db.pragma('synchronous = FULL')`,
      put: `db.pragma('synchronous = NORMAL')`,
    },
    {
      file: 'shared/store/sqlite-rules.ts',
      find: 'if (synchronous !== 2 || (',
      put: 'if (synchronous === 0 || (',
    },
  ],
  detector: {
    file: 'test/unit/electron/core/ingest/writer.test.ts',
    test: 'is written with synchronous=FULL, also when the file is opened for the second time',
  },
}
