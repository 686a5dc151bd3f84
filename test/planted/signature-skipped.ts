import type { PlantedBug } from '../../build/planted/planted-bug.ts'

export const bug: PlantedBug = {
  title: 'any 64 bytes pass for a signature',
  edits: [
    {
      file: 'agent/trust/verify.ts',
      find: '  return signature.length === 64 && verify(null, bytes, key, signature)',
      put: '  return signature.length === 64 && (true || verify(null, bytes, key, signature))',
    },
  ],
  detector: {
    file: 'test/unit/agent/trust/mutated-envelopes.test.ts',
    test: 'case 1: of 20,000 changed envelopes none is taken for an order',
  },
}
