import type { PlantedBug } from '../../build/planted/planted-bug.ts'

export const bug: PlantedBug = {
  title: 'a device may publish wherever the topic begins like one of its own',
  edits: [
    {
      file: 'electron/core/hub/access.ts',
      find: '      return isAnswer ? { retain: false, maxBytes: MAX_INFER_BYTES } : known?.publishes.get(topic)',
      put: `      const alike = [...(known?.publishes ?? [])].find(([own]) => topic.startsWith(own))?.[1]
      return isAnswer ? { retain: false, maxBytes: MAX_INFER_BYTES } : alike`,
    },
  ],
  detector: { file: 'test/unit/electron/core/hub/access.test.ts', test: 'on its own ack' },
}
