import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import type { State } from '../../../components/state-mark.tsx'
import { keyMetricOf, metricName } from '../metrics.ts'

type Comparison = OutputOf<'models.compare'>

/** Parts of a version in words. */
export const partNames: Record<Comparison['differences'][number]['part'], string> = {
  task: 'Task',
  input: 'Input',
  output: 'Output',
  feature: 'Feature',
  label: 'Label',
  preprocessing: 'Preprocessing',
  postprocessing: 'Postprocessing',
  validation: 'Rule',
  opset: 'Opset',
}

/** What the comparison says in one sentence, by the key metric; a difference that may be chance is called that. */
export function verdictSentence(
  comparison: Pick<Comparison, 'metrics'> & { right: { version: Pick<Comparison['right']['version'], 'task' | 'metrics'> } },
  { leftTitle, rightTitle }: { leftTitle: string; rightTitle: string },
): { state: State; text: string } {
  const key = keyMetricOf(comparison.right.version)
  const metric = comparison.metrics.find((one) => one.metric === key?.metric)
  if (metric === undefined || metric.left === null || metric.right === null)
    return { state: 'unsure', text: `${rightTitle} cannot be judged against ${leftTitle}: both have to be evaluated.` }
  const name = metricName(metric.metric)
  switch (metric.verdict) {
    case 'right':
      return { state: 'ok', text: `${rightTitle} is better than ${leftTitle} on ${name}.` }
    case 'left':
      return { state: 'attention', text: `${rightTitle} is worse than ${leftTitle} on ${name}.` }
    case 'same':
      return { state: 'ok', text: `${rightTitle} and ${leftTitle} are the same on ${name}.` }
    case 'unsure':
    case null:
      return {
        state: 'unsure',
        text:
          metric.interval === null
            ? `Not enough evidence: there is no interval for the difference on ${name}.`
            : `Not enough evidence: the difference on ${name} is within the interval.`,
      }
  }
}
