import type { PlantedBug } from '../../build/planted/planted-bug.ts'

export const bug: PlantedBug = {
  title: 'a device has no floor for the numbers of its orders',
  edits: [
    {
      file: 'agent/trust/accept.ts',
      find: '  if (order.counter < known.counter) {',
      put: '  if (order.counter < 0) {',
    },
    {
      file: 'agent/trust/accept.ts',
      find: '  if (payloadHash !== known.payloadHash) {',
      put: '  if (order.counter === known.counter && payloadHash !== known.payloadHash) {',
    },
  ],
  detector: { file: 'test/unit/agent/trust/accept.test.ts', test: 'is refused: older than the known one' },
}
