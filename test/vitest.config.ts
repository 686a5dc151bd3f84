import { defineConfig } from 'vitest/config'

// Five projects, from fastest to slowest, one group after the other so that real processes are not disturbed by the rest; interop needs foreign clients and e2e a browser, and both say so where they skip. `npm test` runs them all.
// Real processes on a shared machine: CI tries a failed test once more, and its report says so. At a desk every failure counts.
const common = { root: '.', retry: process.env['CI'] === 'true' ? 1 : 0 }

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'repo',
          sequence: { groupOrder: 0 },
          ...common,
          include: ['test/repo/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'unit',
          sequence: { groupOrder: 0 },
          ...common,
          include: ['test/unit/**/*.test.ts', 'test/contract/**/*.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'interop',
          sequence: { groupOrder: 1 },
          ...common,
          include: ['test/interop/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'integration',
          sequence: { groupOrder: 2 },
          ...common,
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 90_000,
          hookTimeout: 60_000,
          // They wait more than they work; no test measures how long something takes.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'e2e',
          sequence: { groupOrder: 3 },
          ...common,
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/build-ui.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
    ],
  },
})
