import { baseline, type Baseline } from '../../shared/domain/bundle.ts'
import { messageOf, Problem } from '../../shared/domain/problem.ts'
import { parseCalibrator } from '../../shared/stats/quality/isotonic.ts'
import type { RuntimeDeployment } from './messages.ts'
import { readArtifact } from './session.ts'

/**
 * The baseline of a bundle, whose bins values are counted in; null if it brings none.
 * @throws Problem `probe.load-failed`
 */
export async function readBaseline({
  manifest,
  baselinePath,
}: Pick<RuntimeDeployment, 'manifest' | 'baselinePath'>): Promise<Baseline | null> {
  const entry = manifest.artifacts.baseline
  if (entry === undefined || baselinePath === null) return null
  return parseBaseline(await readArtifact(baselinePath, entry))
}

/** A baseline from its bytes. @throws Problem `probe.load-failed` */
export function parseBaseline(bytes: Uint8Array): Baseline {
  try {
    const parsed = baseline.parse(JSON.parse(Buffer.from(bytes).toString('utf8')))
    const calibrator = parsed.outcomes?.calibrator ?? null
    if (calibrator !== null) parseCalibrator({ v: calibrator.v, scores: calibrator.scores, probabilities: calibrator.probabilities })
    return parsed
  } catch (error) {
    throw new Problem('probe.load-failed', `The baseline cannot be read: ${messageOf(error).slice(0, 500)}`, { cause: error })
  }
}
