import { defineConfig } from 'vitest/config'

// Kill loops and large transfers: minutes, not seconds. MUSTER_CYCLES sets the length of a loop (default 100).
export default defineConfig({
  test: {
    root: '.',
    include: ['test/faults/**/*.test.ts'],
    testTimeout: 30 * 60_000,
    fileParallelism: false,
  },
})
