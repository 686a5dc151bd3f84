import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Problem } from '../../../shared/domain/problem.ts'

const isSource = import.meta.filename.endsWith('.ts')
const beside = (source: string, bundled: string): string => fileURLToPath(new URL(isSource ? source : bundled, import.meta.url))

/** The sample models and rows: part of the repository, and copied beside a bundle. */
export const samplesDirectory = beside('../../../build/samples', './samples')
/** The program of the agent; the core never imports it. */
export const agentProgram = beside('../../../agent/cli.ts', '../agent/muster-agent.mjs')

/** The devices of the sample fleet and the sites they say they stand at. */
export const sampleDevices = [
  { device: 'lyon-1', site: 'lyon' },
  { device: 'lyon-2', site: 'lyon' },
  { device: 'lyon-3', site: 'lyon' },
  { device: 'oslo-1', site: 'oslo' },
  { device: 'oslo-2', site: 'oslo' },
] as const

/** A version that the sample fleet imports; its files lie in a folder with the model's name. */
export interface SampleVersion {
  model: string
  version: string
}

export const sampleVersions: readonly SampleVersion[] = [
  { model: 'digits', version: '1.0.0' },
  { model: 'digits', version: '1.1.0' },
  { model: 'wine', version: '1.0.0' },
  { model: 'diabetes', version: '1.0.0' },
]

/** What every device is ordered to run, if nobody ordered something else for that deployment, and the rows that it is asked. */
export const sampleLoads = [
  { deployment: 'digits', input: 'pixels', version: '1.0.0', stream: 'digits/stream.csv', perSecond: 4 },
  { deployment: 'wine', input: 'sensors', version: '1.0.0', stream: 'wine/stream-stable.csv', perSecond: 2 },
] as const

/** Short windows make the screens live; a few samples per window are there to be looked at. */
export const sampleConfig = { windowSeconds: 10, samplesPerWindow: 5 } as const

/** The files of a version. @throws Problem `model.not-found` if this installation has none */
export function filesOf({ model, version }: SampleVersion): { modelPath: string; trainPath: string; holdoutPath: string } {
  const folder = join(samplesDirectory, model)
  const files = {
    modelPath: join(folder, `${model}-${version}.onnx`),
    trainPath: join(folder, 'train.csv'),
    holdoutPath: join(folder, 'holdout.csv'),
  }
  const missing = Object.values(files).find((file) => !existsSync(file))
  if (missing === undefined) return files
  throw new Problem('model.not-found', `The sample file ${missing} is not there.`, { hint: 'Install Muster again, with its samples.' })
}
