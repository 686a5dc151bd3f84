import { expect, test } from 'vitest'
import { switchUnderLoad } from '../harness/switches.ts'

const SWITCHES = Number(process.env['MUSTER_SWITCHES'] ?? 60)

test(`${SWITCHES} switches, one a second, under keep-alive load: no request fails`, async () => {
  const { requests, failures, switched, versions, longestMs } = await switchUnderLoad(SWITCHES)
  process.stdout.write(
    `switches: ${switched}, requests ${requests}, failed ${failures.length}; from order to service at most ${Math.round(longestMs)} ms\n`,
  )
  expect({ failures, versions: [...versions].sort() }).toEqual({ failures: [], versions: ['1.0.0', '1.1.0', '1.2.0'] })
})
