import type { PlantedBug } from '../../build/planted/planted-bug.ts'

export const bug: PlantedBug = {
  title: 'a device takes the word of the broker (PUBACK) for that of the console',
  edits: [
    {
      file: 'agent/telemetry/sender.ts',
      find: '    send(json).catch((error: unknown) => {',
      put: `    const taken = send(json).then(() => spool.acknowledge(batch.through))
    taken.catch((error: unknown) => {`,
    },
  ],
  detector: {
    file: 'test/unit/agent/telemetry/sender.test.ts',
    test: 'repeats after silence, ever more slowly, and only deletes on an acknowledgement',
  },
}
