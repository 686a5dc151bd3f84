import type { PlantedBug } from '../../build/planted/planted-bug.ts'

export const bug: PlantedBug = {
  title: 'the hub keeps hold of every connection that was ever closed',
  edits: [
    {
      file: 'electron/core/hub/embedded.ts',
      find: `    made.once('close', () => {
      this.#guards.delete(made)
`,
      put: `    made.once('close', () => {
`,
    },
  ],
  detector: {
    file: 'test/integration/trust-malformed.test.ts',
    test: 'case 41: 100,000 malformed packets end no hub, leave its memory flat, and hurt no other device',
  },
}
