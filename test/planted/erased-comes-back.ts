import type { PlantedBug } from '../../build/planted/planted-bug.ts'

export const bug: PlantedBug = {
  title: 'somebody who was erased comes back from a spool',
  edits: [
    {
      file: 'electron/core/ingest/records/sample.ts',
      find: 'subject !== null && isErased(subject)',
      put: `subject === '' && isErased(subject)`,
    },
  ],
  detector: {
    file: 'test/unit/electron/core/ingest/erased.test.ts',
    test: 'what comes about somebody who was erased is acknowledged and not stored; what others send is',
  },
}
