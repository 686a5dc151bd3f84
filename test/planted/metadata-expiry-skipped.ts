import type { PlantedBug } from '../../build/planted/planted-bug.ts'

export const bug: PlantedBug = {
  title: 'TUF metadata never expires',
  edits: [
    {
      file: 'agent/trust/tuf-client.ts',
      find: `'referenceTime', new Date(now)`,
      put: `'referenceTime', new Date(0 * now)`,
    },
  ],
  detector: { file: 'test/contract/tuf/conformance.test.ts', test: 'timestamp_expired' },
}
