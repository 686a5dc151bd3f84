import { defineConfig } from 'vitest/config'

// Kill loops and large transfers: minutes, not seconds. MUSTER_CYCLES sets the length of a loop (default 100), MUSTER_KILLS, MUSTER_LOADS, MUSTER_SWITCHES and
// MUSTER_KILL_POINTS those of the others; `npm run test:nightly` sets them all, and gives each loop the hours that it needs.
export default defineConfig({
  test: {
    root: '.',
    include: ['test/faults/**/*.test.ts'],
    testTimeout: (process.env['MUSTER_FULL'] === '1' ? 240 : 30) * 60_000,
    fileParallelism: false,
  },
})
