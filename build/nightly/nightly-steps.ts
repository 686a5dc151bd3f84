/** One run of the night: the tests of a few files, at the size that the environment asks for. */
export interface NightlyStep {
  name: string
  config: 'test/vitest.config.ts' | 'test/faults/vitest.config.ts'
  /** Files as vitest takes them; a folder is all of its tests. */
  files: readonly string[]
}

/** Sizes of the loops; whoever sets one of them otherwise in the environment gets that. */
export const nightlySizes: Readonly<Record<string, string>> = {
  MUSTER_FULL: '1',
  MUSTER_CYCLES: '1000',
  MUSTER_KILLS: '1000',
  MUSTER_LOADS: '1000',
  MUSTER_SWITCHES: '1000',
  MUSTER_KILL_POINTS: 'all',
}

/** From the shortest to the longest: what is broken shows early. */
export const nightlySteps: readonly NightlyStep[] = [
  {
    name: 'envelopes, vectors and TUF cases',
    config: 'test/vitest.config.ts',
    files: ['test/unit/agent/trust', 'test/contract/tuf'],
  },
  {
    name: 'malformed MQTT',
    config: 'test/vitest.config.ts',
    files: ['test/unit/electron/core/hub/hostile-bytes.test.ts', 'test/integration/trust-malformed.test.ts'],
  },
  {
    name: 'hostile models',
    config: 'test/vitest.config.ts',
    files: ['test/unit/shared/onnx', 'test/unit/agent/supervise/hostile-models.test.ts'],
  },
  {
    name: 'histories and fleets of rollouts',
    config: 'test/vitest.config.ts',
    files: [
      'test/unit/electron/core/rollout/engine/random-histories.test.ts',
      'test/integration/rollout-histories.test.ts',
      'test/integration/rollout-fleet.test.ts',
    ],
  },
  {
    name: 'three days in one run',
    config: 'test/vitest.config.ts',
    files: ['test/integration/soak.test.ts', 'test/integration/day-offline.test.ts'],
  },
  { name: 'kills, power cuts and large transfers', config: 'test/faults/vitest.config.ts', files: ['test/faults'] },
]
