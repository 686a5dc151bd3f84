import type { PlantedBug } from '../../build/planted/planted-bug.ts'

export const bug: PlantedBug = {
  title: 'a device may subscribe to whatever begins with its own topics',
  edits: [
    {
      file: 'electron/core/hub/access.ts',
      find: '    if (known.filters.has(filter)) return true',
      put: '    if (filter.startsWith(`${topicRoot(this.#options.fleet)}/device/${identity.device}`)) return true',
    },
  ],
  detector: { file: 'test/unit/electron/core/hub/access.test.ts', test: 'to muster/1/lab/device/cam-1/# is refused' },
}
