import type { PlantedBug } from '../../build/planted/planted-bug.ts'

export const bug: PlantedBug = {
  title: 'orders never expire',
  edits: [
    {
      file: 'agent/trust/accept.ts',
      find: '  return Math.max(now, newestSignedAt, order.issuedAt) >= order.expiresAt',
      put: '  return Math.max(now, newestSignedAt, order.issuedAt) < 0',
    },
  ],
  detector: { file: 'test/unit/agent/trust/accept.test.ts', test: 'is refused: expired' },
}
