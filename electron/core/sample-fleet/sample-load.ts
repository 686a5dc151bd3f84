import { join } from 'node:path'
import type { SampleFleetShown } from '../../../shared/rpc/contract/sample-fleet.ts'
import { createRateMeter } from '../rate-meter.ts'
import { Load, type LoadedAgent } from './load.ts'
import { readStream } from './sample-stream.ts'
import { sampleLoads, samplesDirectory } from './sample-plan.ts'

/** After a refused row, as when an operator has deployed another model: soon enough to be seen, seldom enough to be no flood. */
const PAUSE_MS = 2000
const MEASURE_MS = 1000

/** The rows that the sample fleet is asked. */
export interface SampleLoad {
  show(): NonNullable<SampleFleetShown['load']>
  stop(): Promise<void>
}

/** Asks every agent gently, each with the rows of every sample deployment. */
export function startSampleLoad(agents: readonly LoadedAgent[], monotonic: () => number): SampleLoad {
  const loads = sampleLoads.flatMap(({ deployment, input, stream, perSecond }) => {
    const rows = readStream(join(samplesDirectory, stream))
    return agents.map((agent, i) => {
      const firstRow = Math.floor((i * rows.rows.length) / agents.length)
      return new Load({ agent, stream: rows, model: deployment, input, perSecond, firstRow, pauseMs: PAUSE_MS })
    })
  })
  const sum = (part: 'answered' | 'failed'): number => loads.reduce((total, load) => total + load.counts[part], 0)
  const meter = createRateMeter(monotonic)
  const measuring = setInterval(() => meter.note(sum('answered')), MEASURE_MS)
  meter.note(0)
  return {
    show: () => ({ requestsPerSecond: meter.perSecond(), answered: sum('answered'), failed: sum('failed') }),
    async stop() {
      clearInterval(measuring)
      await Promise.all(loads.map((load) => load.stop()))
    },
  }
}
