import type { PlantedBug } from '../../build/planted/planted-bug.ts'

export const bug: PlantedBug = {
  title: 'any Host header reaches the console (DNS rebinding)',
  edits: [
    {
      file: 'electron/core/serve/loopback.ts',
      find: `  if (!ownHosts(port).includes(request.headers.host ?? '')) {`,
      put: '  if (port < 0) {',
    },
  ],
  detector: { file: 'test/unit/electron/core/serve/serve.test.ts', test: 'case 51: plain HTTP from a rebound name is refused' },
}
