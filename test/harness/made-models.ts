import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { artifactEntry, deploymentOf, sampleManifest, samples } from './manifest.ts'
import type { RuntimeDeployment } from '../../agent/runtime/messages.ts'

/** A model of `onnx/greedy-runs.ts` as a deployment: a regression over four numbers, whose value is the first output. */
export function madeDeployment(name: string, bytes: Uint8Array, folder: string, parts: Partial<RuntimeDeployment> = {}): RuntimeDeployment {
  const path = join(folder, `${name}-${bytes.length}.onnx`)
  writeFileSync(path, bytes)
  const manifest = sampleManifest(samples.diabetes100, {
    model: name,
    task: 'other',
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 4] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 4] }],
    outcome: { label: null, probabilities: null, value: null },
    schema: { input: null, features: [], target: null },
    artifacts: { model: artifactEntry(bytes) },
  })
  return { ...deploymentOf(name, manifest, path), ...parts }
}
