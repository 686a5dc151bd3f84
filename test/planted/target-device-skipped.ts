import type { PlantedBug } from '../../build/planted/planted-bug.ts'

export const bug: PlantedBug = {
  title: `an order for another device is as good as one's own`,
  edits: [
    {
      file: 'agent/trust/accept.ts',
      find: 'order.fleet !== fleet || order.device !== device',
      put: 'order.fleet !== fleet',
    },
  ],
  detector: { file: 'test/unit/agent/trust/accept.test.ts', test: 'is refused: for another device' },
}
